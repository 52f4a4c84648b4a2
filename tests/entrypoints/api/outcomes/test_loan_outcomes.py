"""Outcomes of loans through the API: recording, repetition, correction, and whose loans these are."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.access.user import Actor, Role

BOOKED = "2025-01-15"
PERFORMING = {"status": "performing", "as_of": "2025-06-30", "booked_on": BOOKED, "paid": 1500.25}


@pytest.fixture
def loan(service):
    approved = service.ask(application_reference="LN-1").json()["request_id"]
    accepted = service.client.post(
        f"/api/v1/applications/{approved}/acceptance", headers=service.as_(Role.SERVICE)
    )
    assert accepted.status_code == 200
    return f"/api/v1/applications/{approved}/outcomes"


@pytest.fixture
def post(service, loan):
    def post(body, *, role=Role.SERVICE, path=loan, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return service.client.post(path, json=body, headers=service.as_(role) | named)

    return post


def test_an_accepted_application_has_a_loan_without_outcomes(service, loan):
    content = service.get(loan).json()
    assert (content["amount"], content["status"], content["label"], content["outcomes"]) == (
        10_000.0,
        None,
        "immature",
        [],
    )
    assert content["etag"] == '"0"'


def test_an_outcome_is_recorded_with_who_and_when(service, loan, post):
    response = post(PERFORMING)
    content = response.json()
    assert (response.status_code, content["repeated"], response.headers["etag"]) == (200, False, '"1"')
    outcome = content["outcome"]
    assert (outcome["number"], outcome["status"], outcome["paid"], outcome["recorded_by"]) == (
        1,
        "performing",
        1500.25,
        "broker",
    )
    read = service.get(loan).json()
    assert read == content["loan"]
    assert (read["status"], read["booked_on"], read["matures_on"], read["outcomes"]) == (
        "performing",
        BOOKED,
        "2026-01-15",
        [outcome],
    )


def test_the_same_outcome_again_records_nothing(service, loan, post):
    first = post(PERFORMING).json()
    again = post(PERFORMING).json()
    assert (again["repeated"], again["outcome"]) == (True, first["outcome"])
    assert len(service.get(loan).json()["outcomes"]) == 1


def test_a_key_gets_the_same_answer_and_is_for_one_request(post, problem):
    first = post(PERFORMING, idempotency_key="june")
    again = post(PERFORMING, idempotency_key="june")
    assert (again.headers["idempotent-replayed"], again.json()["outcome"]) == ("true", first.json()["outcome"])
    other = post(PERFORMING | {"paid": 1}, idempotency_key="june")
    assert problem(other, 422)["type"].endswith("idempotency-key-reused")


def test_a_default_is_labelled_and_a_correction_keeps_the_history(post):
    charged_off = {"status": "charged_off", "as_of": "2025-09-30", "booked_on": BOOKED, "charged_off": 8000}
    wrong = post(charged_off).json()
    assert (wrong["loan"]["label"], wrong["loan"]["defaulted_on"]) == ("default", "2025-09-30")

    correction = PERFORMING | {"corrects": wrong["outcome"]["outcome_id"], "reason": " Wrong account. "}
    right = post(correction, role=Role.RISK_MANAGER, if_match='"1"').json()
    assert (right["loan"]["label"], right["loan"]["status"]) == ("immature", "performing")
    before, after = right["loan"]["outcomes"]
    assert (before["status"], before["corrected_by"]) == ("charged_off", after["outcome_id"])
    assert (after["corrects"], after["reason"]) == (before["outcome_id"], "Wrong account.")


def test_a_correction_of_what_was_corrected_meanwhile_is_refused(post, problem):
    wrong = post(PERFORMING).json()["outcome"]["outcome_id"]
    other = PERFORMING | {"corrects": wrong, "reason": "Late.", "paid": 1}
    assert post(other).status_code == 200
    refused = problem(post(other | {"paid": 2}), 409)
    assert refused["type"].endswith("not-correctable")
    assert "was corrected by outcome" in refused["detail"]


def test_a_repeated_correction_is_recorded_once(post):
    wrong = post(PERFORMING | {"paid": 99}).json()["outcome"]["outcome_id"]
    correction = PERFORMING | {"corrects": wrong, "reason": "Wrong account."}
    first, again = [post(correction, Idempotency_Key="june") for _ in range(2)]
    assert (first.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    assert first.json()["outcome"] == again.json()["outcome"]


def test_an_outcome_after_a_newer_version_is_refused(post, problem):
    post(PERFORMING)
    refused = problem(post({"status": "paid", "as_of": "2025-07-31"}, if_match='"0"'), 412)
    assert refused["type"].endswith("loan-changed")
    assert "broker recorded an outcome at" in refused["detail"]
    assert problem(post(PERFORMING, if_match="1"), 412)["detail"].startswith("If-Match names no version")
    assert post({"status": "paid", "as_of": "2025-07-31"}, if_match='"1"').status_code == 200


def test_every_error_is_named(post, problem):
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    body = {"status": "paid", "as_of": tomorrow, "booked_on": BOOKED, "days_past_due": 30, "outstanding": 5}
    errors = problem(post(body), 422)["errors"]
    assert [error["field"] for error in errors] == ["as_of", "days_past_due", "outstanding"]
    errors = problem(post({"status": "Fully Paid", "as_of": "June", "paid": -1}), 422)["errors"]
    assert {error["field"] for error in errors} == {"status", "as_of", "paid"}


def test_a_contradiction_is_refused_with_what_is_recorded(post, problem):
    post(PERFORMING | {"status": "paid"})
    refused = problem(post({"status": "performing", "as_of": "2025-07-31"}), 409)
    assert refused["type"].endswith("contradicts-outcomes")
    assert "A loan that was paid on 2025-06-30 cannot be performing on 2025-07-31" in refused["detail"]


def test_only_an_accepted_application_has_a_loan(service, post, problem):
    declined = service.ask(fico_range_low=640, fico_range_high=644).json()["request_id"]
    path = f"/api/v1/applications/{declined}/outcomes"
    for refused in (post(PERFORMING, path=path), service.get(path)):
        content = problem(refused, 409)
        assert content["type"].endswith("not-accepted")
        assert "the application is declined: only an accepted application has a loan" in content["detail"].lower()
    assert problem(service.get(f"/api/v1/applications/{uuid4()}/outcomes"), 404)


def test_a_service_has_its_own_loans_only(service, loan, post):
    other = {}
    other["Authorization"] = "Bearer " + service.tokens.issue(Actor("other-broker", Role.SERVICE)).token
    assert service.client.get(loan, headers=other).status_code == 404
    assert service.client.post(loan, json=PERFORMING, headers=other).status_code == 404
    assert service.get(loan, role=Role.AUDITOR).status_code == 200
    assert post(PERFORMING, role=Role.AUDITOR).status_code == 403
