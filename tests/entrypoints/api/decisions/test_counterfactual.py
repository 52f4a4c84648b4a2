"""GET /api/v1/decisions/{id}/counterfactual."""

import asyncio
from uuid import UUID, uuid4

import pytest

from domain.access.user import Role
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.documentation.examples import counterfactual
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

IN_DOUBT = {"fico_range_low": 675, "fico_range_high": 679, "revol_util": 82.5}


def keep(service) -> None:
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    asyncio.run(service.policies.archive(POLICY_3))


def decide(service, **changed) -> str:
    return service.ask(**changed).json()["request_id"]


def requests(service, identifier, role=Role.AUDITOR):
    return service.get(f"/api/v1/decisions/{identifier}/counterfactual", role=role)


def test_the_documented_example_is_like_a_real_response(service):
    keep(service)
    response = requests(service, decide(service, **IN_DOUBT))
    assert response.status_code == 200, response.text
    documented, actual = counterfactual(PERSONAL_LOAN), response.json()
    assert documented.keys() == actual.keys()
    assert documented["note"] == actual["note"]
    for one in documented["counterfactuals"]:
        assert one.keys() == actual["counterfactuals"][0].keys()
        [change] = one["changes"]
        assert change["given"] == EXAMPLE[change["field"]]
        assert service.ask(**{change["field"]: change["instead"]}).status_code == 200


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
def test_an_application_with_a_proposed_change_is_approved_with_those_figures(service, changed):
    keep(service)
    content = requests(service, decide(service, **changed)).json()
    assert content["counterfactuals"]
    for one in content["counterfactuals"]:
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


def test_an_approved_decision_needs_no_change(service):
    identifier = decide(service, fico_range_low=780, fico_range_high=784, annual_inc=120_000.0)
    content = requests(service, identifier).json()
    assert (content["outcome"], content["counterfactuals"]) == ("approved", [])
    assert content["note"] == "The loan was approved as requested; no change is needed."


def test_the_note_reports_that_no_change_is_sufficient(service):
    keep(service)
    content = requests(service, decide(service, pub_rec=3)).json()
    assert (content["outcome"], content["counterfactuals"]) == ("referred", [])
    assert content["note"].startswith("No change the applicant could make")


def test_the_second_request_gets_the_cached_result(service):
    keep(service)
    identifier = decide(service, **IN_DOUBT)
    first = requests(service, identifier, role=Role.AUDITOR)
    second = requests(service, decide(service, **IN_DOUBT), role=Role.LOAN_OFFICER)
    assert second.json() | {"decision_id": identifier} == first.json()
    assert service.result_cache.figures() == {"hits": 1, "misses": 1}


def test_an_unarchived_model_gets_409(service, problem):
    asyncio.run(service.policies.archive(POLICY_3))
    content = problem(requests(service, decide(service, **IN_DOUBT)), 409)
    assert content["type"].endswith("not-reproducible")


def test_an_unknown_decision_has_no_counterfactual(service, problem):
    problem(requests(service, uuid4()), 404)


def test_it_needs_a_token(service, problem):
    problem(service.client.get(f"/api/v1/decisions/{UUID(int=7)}/counterfactual"), 401)
