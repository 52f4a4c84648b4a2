"""GET /api/v1/decisions/{id}/counterfactual."""

import asyncio
from uuid import UUID, uuid4

import pytest

from domain.access.user import Role
from domain.policies.version_1 import POLICY_1
from entrypoints.api.decisions.loan_application_body import EXAMPLE
from entrypoints.api.documentation.examples import COUNTERFACTUAL
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

IN_DOUBT = {"fico_range_low": 675, "fico_range_high": 679, "revol_util": 82.5}


def keep(service) -> None:
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    asyncio.run(service.policies.archive(POLICY_1))


def decide(service, **changed) -> str:
    return service.ask(**changed).json()["request_id"]


def asked(service, identifier, role=Role.AUDITOR):
    return service.get(f"/api/v1/decisions/{identifier}/counterfactual", role=role)


def test_the_example_is_what_is_really_answered(service):
    keep(service)
    told = asked(service, decide(service, **IN_DOUBT))
    assert told.status_code == 200, told.text
    assert told.json() | {"decision_id": ""} == COUNTERFACTUAL | {"decision_id": ""}


@pytest.mark.parametrize(
    "changed",
    [
        IN_DOUBT,
        {"dti": 41.2},
        {"term": "60 months", "inq_last_6mths": 5, "loan_amnt": 20_000.0},
        {"fico_range_low": 640, "fico_range_high": 644},
        {"loan_amnt": 800.0},
        {"loan_amnt": 40_000.0, "annual_inc": 150_000.0},
    ],
)
def test_an_application_changed_as_told_is_approved_with_the_figures_told(service, changed):
    keep(service)
    told = asked(service, decide(service, **changed)).json()
    assert told["counterfactuals"]
    for one in told["counterfactuals"]:
        form = EXAMPLE | changed
        for change in one["changes"]:
            assert form[change["field"]] == change["given"]
            form[change["field"]] = change["instead"]
        form["fico_range_high"] = max(form["fico_range_high"], form["fico_range_low"])
        prediction = service.ask(**form).json()["prediction"]
        assert prediction["outcome"] == "approved"
        assert prediction["probability_of_default"] == one["probability_of_default"]
        assert prediction["grade"] == one["grade"]
        assert prediction["annual_rate"] == one["annual_rate"]
        assert prediction["instalment"] == one["instalment"]


def test_an_approved_decision_has_nothing_to_change_and_says_so(service):
    identifier = decide(service, fico_range_low=780, fico_range_high=784, annual_inc=120_000.0)
    told = asked(service, identifier).json()
    assert (told["outcome"], told["counterfactuals"]) == ("approved", [])
    assert told["note"] == "The loan was approved as requested; no change is needed."


def test_where_nothing_an_applicant_can_change_suffices_it_says_so(service):
    keep(service)
    told = asked(service, decide(service, pub_rec=3)).json()
    assert (told["outcome"], told["counterfactuals"]) == ("referred", [])
    assert told["note"].startswith("No change the applicant could make")


def test_the_second_to_ask_gets_the_first_answer_and_nobody_searches_again(service):
    keep(service)
    identifier = decide(service, **IN_DOUBT)
    first = asked(service, identifier, role=Role.AUDITOR)
    second = asked(service, decide(service, **IN_DOUBT), role=Role.LOAN_OFFICER)
    assert second.json() | {"decision_id": identifier} == first.json()
    assert service.answers.figures() == {"hits": 1, "misses": 1}


def test_a_model_that_is_not_kept_is_said_so(service, problem):
    asyncio.run(service.policies.archive(POLICY_1))
    told = problem(asked(service, decide(service, **IN_DOUBT)), 409)
    assert told["type"].endswith("not-reproducible")


def test_there_is_none_of_no_decision(service, problem):
    problem(asked(service, uuid4()), 404)


def test_it_needs_a_token(service, problem):
    problem(service.client.get(f"/api/v1/decisions/{UUID(int=7)}/counterfactual"), 401)
