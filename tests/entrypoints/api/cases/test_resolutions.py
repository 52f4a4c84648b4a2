"""Resolutions of referral cases through the API: what is refused and why, and what is shown."""

import asyncio

import pytest

from domain.access.user import ASSIGNABLE_ROLES, Actor, Role, User
from domain.policies.version_3 import POLICY_3
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

SHA = "9f" * 32
REFERRED, DECLINED = {"revol_util": 60.0}, {"revol_util": 82.0, "fico_range_low": 665}
DECLINE = {"outcome": "declined", "reason": "OTHER", "text": "Too much debt."}
APPROVE = {"outcome": "approved", "reason": "OTHER", "text": "Stable income."}


@pytest.fixture(autouse=True)
def archived(service):
    """The model and policy that decide, in the archive; and a user of each role's own."""
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    asyncio.run(service.policies.archive(POLICY_3))
    for role in ASSIGNABLE_ROLES:
        service.users._users[role.value] = User(role.value, role, "")


def as_(service, role):
    return {"Authorization": f"Bearer {service.tokens.issue(Actor(role.value, role)).token}"}


@pytest.fixture
def read(service):
    """What a role reads."""
    return lambda path, role=Role.UNDERWRITER: service.client.get(path, headers=as_(service, role))


@pytest.fixture
def post(service):
    """Posts to a case as a role, with the version that the caller saw."""

    def post(case, what, body, *, seen=1, role=Role.UNDERWRITER, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = as_(service, role) | {"If-Match": f'"{seen}"'} | named
        return service.client.post(f"/api/v1/cases/{case}/{what}", json=body, headers=sent)

    return post


@pytest.fixture
def case(service, post):
    """The case of a referral, claimed by the underwriter."""
    case_id = service.ask(**REFERRED).json()["request_id"]
    assert post(case_id, "claim", None, seen=0).status_code == 200
    return case_id


def test_a_case_says_before_what_needs_a_second_person(read, case):
    shown = read(f"/api/v1/cases/{case}", Role.UNDERWRITER).json()
    authority = shown["authority"]
    approve, decline, offer = authority["outcomes"]
    assert (approve["outcome"], approve["override"]) == ("approved", "low_side")
    assert "low_side_override" in approve["second_person"]
    assert approve["rule"].startswith("underwriter")
    assert (decline["second_person"], decline["loan"]) == ([], None)
    assert offer["loan"]["amount"] == 6925.0
    assert {"code": "OTHER", "text": "Other; the text says what"} in decline["reasons"]
    assert authority["cannot_resolve"] == ""
    assert (shown["withheld"], shown["final_decision"], shown["proposal"]) == (False, None, None)


def test_a_resolution_is_the_second_record(read, post, case):
    documents = [{"type": "payslip", "date": "2026-11-01", "sha256": SHA}]
    body = {**DECLINE, "documents": documents}
    done = post(case, "resolution", body, Idempotency_Key="once")
    assert (done.status_code, done.json()["state"], done.headers["etag"]) == (200, "resolved", '"2"')
    again = post(case, "resolution", body, Idempotency_Key="once")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    shown = read(f"/api/v1/cases/{case}", Role.AUDITOR).json()
    decided = shown["final_decision"]
    assert (decided["outcome"], decided["override"], decided["documents"]) == ("declined", "agreed", documents)
    assert shown["decision"]["final_outcome"] == "declined"
    assert shown["decision"]["prediction"]["outcome"] == "referred"


WRONG = (
    ({}, "invalid-body", "outcome"),
    ({**DECLINE, "outcome": "referred"}, "invalid-body", "outcome"),
    ({**DECLINE, "reason": "NO_SUCH"}, "invalid-resolution", "the reasons are"),
    ({**DECLINE, "text": " "}, "invalid-resolution", "The text is required"),
    ({**DECLINE, "amount": 1000, "term": 36}, "invalid-resolution", "Only a counter-offer has an amount"),
    ({**DECLINE, "conditions": ["Pay"]}, "invalid-resolution", "A decline has no conditions"),
    ({**APPROVE, "outcome": "counter_offer"}, "invalid-resolution", "needs an amount and a term"),
    ({**APPROVE, "documents": [{"type": "payslip"}]}, "invalid-body", "documents"),
    (
        {**APPROVE, "documents": [{"type": "a", "date": "2026-11-01", "sha256": SHA, "url": "x"}]},
        "invalid-body",
        "url",
    ),
    (
        {**APPROVE, "outcome": "counter_offer", "amount": 9000, "term": 36},
        "counter-offer-not-approved",
        "the most at this term is $6,925.00",
    ),
)


def test_a_wrong_resolution_is_refused_with_the_fault(post, problem, case):
    for body, kind, why in WRONG:
        refused = problem(post(case, "resolution", body), 422)
        assert refused["type"].endswith(kind)
        assert why in str(refused)


def test_a_member_that_is_given_twice_in_a_document_is_refused(service, case):
    body = (
        '{"outcome": "declined", "reason": "OTHER", "text": "No.", '
        f'"documents": [{{"type": "a", "type": "b", "date": "2026-11-01", "sha256": "{SHA}"}}]}}'
    )
    headers = as_(service, Role.UNDERWRITER) | {"If-Match": '"1"', "Content-Type": "application/json"}
    refused = service.client.post(f"/api/v1/cases/{case}/resolution", content=body, headers=headers)
    assert refused.status_code == 422
    assert "has the member 'type' more than once" in refused.text


def test_a_proposal_is_decided_by_another_senior_only(read, post, problem, case):
    proposed = post(case, "resolution", APPROVE)
    assert proposed.json()["state"] == "awaiting_second_approval"
    shown = read(f"/api/v1/cases/{case}", Role.SENIOR_UNDERWRITER).json()
    assert (shown["proposal"]["outcome"], shown["proposal"]["override"]) == ("approved", "low_side")
    assert shown["authority"]["cannot_check"] == ""
    refused = problem(post(case, "second-approval", {"approve": True}, seen=2), 403)
    assert "may not give second approvals" in refused["detail"]
    senior = {"role": Role.SENIOR_UNDERWRITER}
    refused = problem(post(case, "second-approval", {"approve": True}, seen=2, **senior), 409)
    assert refused["type"].endswith("case-not-claimed")
    assert post(case, "claim", None, seen=2, **senior).status_code == 200
    problem(post(case, "second-approval", {"approve": False}, seen=3, **senior), 422)
    agreed = post(case, "second-approval", {"approve": True, "text": "Yes."}, seen=3, **senior)
    assert agreed.json()["state"] == "resolved"
    refused = problem(post(case, "second-approval", {"approve": True}, seen=4, **senior), 409)
    assert refused["type"].endswith("case-ended")


def test_versions_and_leases_are_checked(service, post, problem, case):
    assert problem(post(case, "resolution", DECLINE, seen=0), 412)["type"].endswith("case-changed")
    headers = as_(service, Role.UNDERWRITER)
    missing = service.client.post(f"/api/v1/cases/{case}/resolution", json=DECLINE, headers=headers)
    assert problem(missing, 428)["type"].endswith("precondition-required")
    held = problem(post(case, "resolution", DECLINE, role=Role.SENIOR_UNDERWRITER), 409)
    assert held["type"].endswith("case-held")


def test_a_counter_offer_is_previewed_with_the_callers_authority(read, problem, case):
    address = f"/api/v1/cases/{case}/counter-offer"
    shown = read(f"{address}?amount=5000&term=36", Role.UNDERWRITER).json()
    assert (shown["loan"]["amount"], shown["loan"]["term"], shown["second_person"]) == (5000.0, 36, [])
    refused = read(f"{address}?amount=9000&term=36", Role.UNDERWRITER)
    assert problem(refused, 422)["type"].endswith("counter-offer-not-approved")
    assert read(f"{address}?amount=x&term=36", Role.UNDERWRITER).status_code == 400


def test_a_review_is_a_new_case_on_a_declined_decision(service, problem):
    decision = service.ask(**DECLINED).json()["request_id"]

    def review(key):
        headers = as_(service, Role.UNDERWRITER) | {"Idempotency-Key": key}
        address = f"/api/v1/decisions/{decision}/review"
        return service.client.post(address, json={"reason": "New pay slips."}, headers=headers)

    opened = review("first")
    assert (opened.status_code, opened.json()["state"]) == (201, "open")
    assert opened.headers["location"] == f"/api/v1/cases/{opened.json()['case_id']}"
    assert review("first").json()["case_id"] == opened.json()["case_id"]
    refused = problem(review("second"), 409)
    assert refused["type"].endswith("review-not-possible")
    assert opened.json()["case_id"] in refused["detail"]


def test_the_list_of_quality_reviews_names_its_states(read, problem):
    address = "/api/v1/cases/quality-reviews"
    assert read(address, Role.AUDITOR).json() == {"reviews": [], "next_cursor": None, "total": 0}
    refused = problem(read(f"{address}?state=open", Role.AUDITOR), 400)
    assert "one of waiting, agreed, disagreed" in str(refused)
