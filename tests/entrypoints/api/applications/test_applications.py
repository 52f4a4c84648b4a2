"""Applications through the API: reading, acceptance and withdrawal."""

from uuid import UUID, uuid4

import pytest

from domain.access.user import Role

PATH = "/api/v1/applications"
DECLINED = {"fico_range_low": 640, "fico_range_high": 644}


@pytest.fixture
def approved(service):
    return service.ask(application_reference="LN-1", applicant_reference="C-1").json()["request_id"]


@pytest.fixture
def post(service):
    """Posts to an application as a role; other headers by name."""

    def post(application_id, what, body=None, *, role=Role.SERVICE, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        address = f"{PATH}/{application_id}/{what}"
        return service.client.post(address, json=body or {}, headers=service.as_(role) | named)

    return post


def test_an_approval_is_an_application_with_an_offer(service, approved):
    response = service.get(f"{PATH}/{approved}")
    content = response.json()
    assert response.headers["etag"] == content["etag"]
    assert (content["application_id"], content["decision_id"], content["state"]) == (
        approved,
        approved,
        "approved",
    )
    assert content["offer"]["amount"] == content["amount"] == 10_000.0
    assert content["expires_at"] == content["offer"]["expires_at"]
    assert (content["application_reference"], content["applicant_reference"]) == ("LN-1", "C-1")
    (decision,) = content["decisions"]
    assert (decision["decision_id"], decision["outcome"], decision["superseded_by"]) == (
        approved,
        "approved",
        None,
    )
    assert (content["acceptance"], content["withdrawal"]) == (None, None)


def test_a_decline_has_no_offer(service):
    declined = service.ask(**DECLINED).json()["request_id"]
    content = service.get(f"{PATH}/{declined}").json()
    assert (content["state"], content["offer"], content["expires_at"]) == ("declined", None, None)


def test_part_of_the_offer_is_accepted(service, approved, post):
    response = post(approved, "acceptance", {"amount": 8_000})
    content = response.json()
    assert (response.status_code, content["state"], content["expires_at"]) == (200, "accepted", None)
    assert content["acceptance"]["amount"] == 8_000.0
    assert content["acceptance"]["offered_amount"] == 10_000.0
    assert content["acceptance"]["accepted_by"] == "broker"
    assert service.get(f"{PATH}/{approved}").json() == content
    assert response.headers["etag"] == content["etag"]


def test_all_of_the_offer_is_accepted_without_a_body(service, approved):
    response = service.client.post(f"{PATH}/{approved}/acceptance", headers=service.as_(Role.SERVICE))
    assert response.json()["acceptance"]["amount"] == 10_000.0


def test_an_application_is_withdrawn_with_a_reason(approved, post):
    content = post(approved, "withdrawal", {"reason": "other", "text": " Moved abroad "}).json()
    assert content["state"] == "withdrawn"
    withdrawal = content["withdrawal"]
    assert (withdrawal["reason"], withdrawal["text"]) == ("other", "Moved abroad")
    assert (withdrawal["withdrawn_from"], withdrawal["withdrawn_by"]) == ("approved", "broker")


def test_an_amount_that_is_not_offered_is_refused(approved, post, problem):
    refused = problem(post(approved, "acceptance", {"amount": 10_000.01}), 409)
    assert refused["type"].endswith(":amount-not-offered")
    assert "to $10,000.00" in refused["detail"]
    assert post(approved, "acceptance").json()["state"] == "accepted"


def test_the_second_of_two_is_told_who_was_first(approved, post, problem):
    assert post(approved, "acceptance").status_code == 200
    for what, body in (("acceptance", {}), ("withdrawal", {"reason": "duplicate"})):
        refused = problem(post(approved, what, body, role=Role.LOAN_OFFICER), 409)
        assert refused["type"].endswith(":already-accepted")
        assert "accepted for $10,000.00 by broker (service) at " in refused["detail"]


def test_a_decline_is_neither_accepted_nor_withdrawn(service, post, problem):
    declined = service.ask(**DECLINED).json()["request_id"]
    assert problem(post(declined, "acceptance"), 409)["type"].endswith(":no-offer")
    refused = problem(post(declined, "withdrawal", {"reason": "duplicate"}), 409)
    assert refused["type"].endswith(":not-withdrawable")


def test_a_repeated_request_is_done_once(approved, post, problem):
    first = post(approved, "acceptance", {"amount": 5_000}, Idempotency_Key="a")
    again = post(approved, "acceptance", {"amount": 5_000}, Idempotency_Key="a")
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    assert "idempotent-replayed" not in first.headers
    reused = problem(post(approved, "acceptance", {"amount": 6_000}, Idempotency_Key="a"), 422)
    assert reused["type"].endswith(":idempotency-key-reused")


def test_a_change_requires_the_state_that_was_read(service, approved, post, problem):
    etag = service.get(f"{PATH}/{approved}").headers["etag"]
    assert post(approved, "acceptance", If_Match=etag).status_code == 200
    changed = problem(post(approved, "withdrawal", {"reason": "duplicate"}, If_Match=etag), 412)
    assert "broker changed it at " in changed["detail"]
    for wrong in ("1", 'W/"1"', '"'):
        assert post(approved, "withdrawal", {"reason": "duplicate"}, If_Match=wrong).status_code == 412
    assert post(approved, "withdrawal", {"reason": "duplicate"}, If_Match="*").status_code == 409


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("withdrawal", {}, "reason"),
        ("withdrawal", {"reason": "because"}, "reason"),
        ("withdrawal", {"reason": "duplicate", "text": "x" * 1001}, "text"),
        ("withdrawal", {"reason": "duplicate", "note": ""}, "note"),
        ("acceptance", {"amount": 0}, "amount"),
        ("acceptance", {"amount": -1}, "amount"),
        ("acceptance", {"amount": 1e300}, "amount"),
        ("acceptance", {"amount": "8000"}, "amount"),
    ],
)
def test_every_error_of_a_body_is_named(post, problem, what, body, field):
    refused = problem(post(uuid4(), what, body), 422)
    assert [error["field"] for error in refused["errors"]] == [field]


@pytest.mark.parametrize(
    "body", [{"reason": "other"}, {"reason": "duplicate", "text": "\u202e"}], ids=["no text", "invisible"]
)
def test_a_text_that_cannot_be_recorded_is_refused(approved, post, problem, body):
    assert problem(post(approved, "withdrawal", body), 422)["errors"][0]["field"] == "text"


def test_applications_are_listed_by_reference_and_state(service, approved, post):
    other = service.ask(application_reference="LN-2", applicant_reference="C-1").json()["request_id"]
    post(other, "withdrawal", {"reason": "duplicate"})

    def listed(query):
        content = service.get(f"{PATH}?{query}").json()
        return [one["application_id"] for one in content["applications"]], content["next_cursor"]

    assert listed("reference=LN-1") == ([approved], None)
    assert listed("applicant_reference=C-1") == ([other, approved], None)
    assert listed("state=withdrawn") == ([other], None)
    assert listed("state=approved&reference=LN-2") == ([], None)
    (newest,), cursor = listed("limit=1")
    assert newest == other
    assert listed(f"limit=1&cursor={cursor}") == ([approved], None)


def test_every_error_of_a_query_is_named(service, problem):
    refused = problem(service.get(f"{PATH}?state=gone&limit=0&colour=red"), 400)
    assert {error["field"] for error in refused["errors"]} == {"state", "limit", "colour"}
    assert problem(service.get(f"{PATH}?cursor=nonsense"), 400)["errors"][0]["field"] == "cursor"


def test_a_decision_states_where_its_application_is(service, approved, post):
    decision = service.get(f"/api/v1/decisions/{approved}").json()
    assert (decision["application_id"], decision["application_state"]) == (approved, "approved")
    assert decision["expires_at"] == service.get(f"{PATH}/{approved}").json()["expires_at"]
    post(approved, "acceptance")
    decision = service.get(f"/api/v1/decisions/{approved}").json()
    assert (decision["application_state"], decision["expires_at"]) == ("accepted", None)
    (listed,) = service.get("/api/v1/decisions").json()["decisions"]
    assert "application_state" not in listed


def test_unknown_applications_are_not_found(service, post, problem):
    for identifier in (uuid4(), "LN-1"):
        found = problem(service.get(f"{PATH}/{identifier}"), 404)
        assert found["type"].endswith(":no-such-application")
    assert problem(post(uuid4(), "acceptance"), 404)["type"].endswith(":no-such-application")


def test_an_unreadable_decision_does_not_hide_the_other_applications(service, approved, problem):
    damaged = service.ask().json()["request_id"]
    service.decisions.damage(UUID(damaged), "it is not JSON")
    content = service.get(PATH).json()
    assert [one["application_id"] for one in content["applications"]] == [approved]
    assert [one["decision_id"] for one in content["unreadable"]] == [damaged]
    assert problem(service.get(f"{PATH}/{damaged}"), 500)["type"].endswith(":decision-unreadable")
