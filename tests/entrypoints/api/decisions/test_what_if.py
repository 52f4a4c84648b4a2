"""POST /api/v1/what-if."""

import asyncio
from uuid import uuid4

import pytest

from domain.access.user import Role
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import EXAMPLE
from entrypoints.api.documentation.examples import WHAT_IF
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

PATH = "/api/v1/what-if"
DECLINED = {"fico_range_low": 640, "fico_range_high": 644}


def decided(service, **changed) -> str:
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    asyncio.run(service.policies.archive(POLICY_3))
    return service.ask(**changed).json()["request_id"]


def tried(service, body, role=Role.LOAN_OFFICER):
    return service.client.post(PATH, json=body, headers=service.as_(role))


def test_the_documented_example_is_like_a_real_response(service):
    body = tried(service, {"decision_id": decided(service), "loan_amnt": 9_000.0}).json()
    assert body.keys() == WHAT_IF.keys()
    assert body["prediction"].keys() == WHAT_IF["prediction"].keys()


def test_nothing_is_recorded_and_the_answer_is_that_of_a_decision(service):
    body = tried(service, EXAMPLE | DECLINED)
    assert body.status_code == 200, body.text
    assert list(service.decisions.records()) == []
    decision = service.ask(**DECLINED, role=Role.LOAN_OFFICER).json()["prediction"]
    answer = body.json()["prediction"]
    assert answer == {name: decision[name] for name in answer}
    assert body.json()["changed_decision_id"] is None


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"loan_amnt": -5, "term": "48 months"}, {"loan_amnt", "term"}),
        ({"fico_range_high": 600}, {"fico_range_high"}),
        ({"applicant_reference": "other", "bureau_status": "found"}, {"applicant_reference", "bureau_status"}),
        ({"colour": "red"}, {"colour"}),
        ({"versions": "newest"}, {"versions"}),
    ],
)
def test_every_fault_of_a_change_is_named(service, problem, changes, fields):
    content = problem(tried(service, {"decision_id": decided(service), **changes}), 422)
    assert {error["field"] for error in content["errors"]} == fields


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"decision_id": "first"}, {"decision_id"}),
        (EXAMPLE | {"versions": "decision"}, {"decision_id"}),
        ({"loan_amnt": 9_000.0}, EXAMPLE.keys() - {"loan_amnt", "emp_length", "revol_util"}),
    ],
)
def test_an_incomplete_request_is_refused(service, problem, body, fields):
    content = problem(tried(service, body), 422)
    assert {error["field"] for error in content["errors"]} >= fields


def test_a_body_that_is_no_object_is_refused(service, problem):
    problem(tried(service, [1]), 400)


def test_a_decision_that_does_not_exist_cannot_be_changed(service, problem):
    problem(tried(service, {"decision_id": str(uuid4())}), 404)


def test_a_decision_whose_model_is_not_archived_can_be_tried_with_the_present_one(service, problem):
    decision_id = service.ask().json()["request_id"]
    problem(tried(service, {"decision_id": decision_id}), 409)
    body = tried(service, {"decision_id": decision_id, "versions": "present"}).json()
    assert (body["versions"], body["changed_decision_id"]) == ("present", decision_id)


def test_a_decision_that_is_to_be_superseded_is_no_other_application(service):
    identity = {"applicant_reference": "CLARA-1", "application_reference": "LN-1"}
    first = service.ask(**identity, role=Role.LOAN_OFFICER).json()["request_id"]
    again = EXAMPLE | identity | {"dti": 16.0}
    assert tried(service, again).json()["prediction"]["outcome"] == "referred"  # as a second application
    superseding = {"supersedes": first, "supersedes_reason": "correction"}
    answer = tried(service, again | superseding).json()["prediction"]
    decision = service.ask(**(again | superseding), role=Role.LOAN_OFFICER).json()["prediction"]
    assert answer == {name: decision[name] for name in answer}
    assert answer["outcome"] == "approved"


def test_a_decision_that_does_not_exist_cannot_be_superseded(service, problem):
    superseding = {"supersedes": str(uuid4()), "supersedes_reason": "correction"}
    problem(tried(service, EXAMPLE | superseding), 404)
