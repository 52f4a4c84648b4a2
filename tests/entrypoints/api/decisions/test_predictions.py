"""A loan application is decided over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.access.user import Actor, Role
from domain.applications import bureau_fields, superseding
from domain.applications.application_identity import NAMES
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.decisions.loan_application_body import body_of, body_type

UNLIKELY = {"dti": 39.9, "fico_range_low": 660, "fico_range_high": 664, "inq_last_6mths": 7, "revol_util": 99.0}


def test_every_field_of_the_contract_is_present_with_its_type(service):
    response = service.ask()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert {"success", "prediction", "processing_time_ms", "request_id", "timestamp"} <= answer.keys()
    prediction = answer["prediction"]
    assert answer["success"] is True
    assert prediction["prediction"] in (0, 1)
    assert prediction["confidence"] in ("high", "medium", "low")
    for name in ("probability", "recommended_amount", "risk_score"):
        assert isinstance(prediction[name], float)
    assert isinstance(prediction["model_version"], str)
    assert 0 < answer["processing_time_ms"] < 10_000


def test_probability_is_of_repayment_at_full_precision(service):
    response = service.ask(role=Role.LOAN_OFFICER).json()
    record = next(iter(service.decisions._records.values()))
    pd = record.prediction.pd.value
    prediction = response["prediction"]
    assert prediction["probability_of_default"] == pd
    assert prediction["probability"] == 1 - pd
    assert prediction["risk_score"] == 100 * pd
    assert tuple(prediction["contributions"]) == PERSONAL_LOAN.characteristic_names
    assert tuple(prediction["contributions"].values()) == record.prediction.contributions
    assert prediction["base"] + sum(prediction["contributions"].values()) == pytest.approx(prediction["log_odds"])


def test_the_decision_is_recorded_under_the_request_id(service):
    response = service.ask().json()
    decision_id = UUID(response["request_id"])
    assert response["prediction"]["decision_id"] == response["request_id"]
    record = asyncio.run(service.decisions.find(decision_id))
    assert record.received_through == "api"
    assert record.requested_by == Actor("broker", Role.SERVICE)


def test_the_timestamp_ends_in_z(service):
    timestamp = service.ask().json()["timestamp"]
    assert timestamp.endswith("Z")
    assert abs(datetime.fromisoformat(timestamp) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_declined_decision_has_reasons(service):
    prediction = service.ask(**UNLIKELY).json()["prediction"]
    assert prediction["outcome"] in ("declined", "referred")
    assert 1 <= len(prediction["reasons"]) <= 4
    assert all(reason["code"] and reason["text"] for reason in prediction["reasons"])


def test_the_same_application_gets_the_same_figures(service):
    first, second = service.ask(**UNLIKELY).json()["prediction"], service.ask(**UNLIKELY).json()["prediction"]
    assert first.pop("decision_id") != second.pop("decision_id")
    assert first == second


@pytest.mark.parametrize(
    "changed",
    [
        {"term": " 36 months"},
        {"annual_inc": 50_000, "loan_amnt": 10_000, "revol_util": 25},
        {"inq_last_6mths": 2.0, "delinq_2yrs": 0.0, "fico_range_low": 7e2, "fico_range_high": 750.0},
    ],
)
def test_other_spellings_of_the_same_application_get_the_same_decision(service, changed):
    usual, other = service.ask().json()["prediction"], service.ask(**changed).json()["prediction"]
    assert usual["probability"] == other["probability"]


@pytest.mark.parametrize("utilisation", [None, ...])
def test_an_applicant_without_revolving_credit_gets_a_decision(service, utilisation):
    assert service.ask(revol_util=utilisation).status_code == 200
    record = next(iter(service.decisions._records.values()))
    assert record.application.applicant["revol_util"] is None


def test_every_field_of_the_contract_is_read_and_written_back(service):
    assert set(body_type(PERSONAL_LOAN).__struct_fields__) == {
        *PERSONAL_LOAN.field_by_name,
        *NAMES,
        *bureau_fields.NAMES,
        *superseding.NAMES,
    }
    assert set(PERSONAL_LOAN.field_by_name) == set(EXAMPLE)
    service.ask(purpose="wedding", term="60 months", emp_length="10+ years", home_ownership="ANY")
    body = body_of(next(iter(service.decisions._records.values())), PERSONAL_LOAN)
    assert (body.purpose, body.term, body.emp_length) == ("wedding", "60 months", "10+ years")
    assert (body.home_ownership, body.annual_inc, body.dti) == ("ANY", 50_000.0, 15.5)


def test_the_callers_request_id_is_returned(service):
    headers = service.as_(Role.SERVICE)
    response = service.client.post(
        "/api/v1/predictions", json=EXAMPLE, headers=headers | {"X-Request-ID": "mine-1"}
    )
    assert response.headers["x-request-id"] == "mine-1"
    unusable = service.client.post(
        "/api/v1/predictions", json=EXAMPLE, headers=headers | {"X-Request-ID": "x" * 200}
    )
    assert unusable.headers["x-request-id"] == unusable.json()["request_id"]


def test_responses_forbid_caching(service):
    assert service.ask().headers["cache-control"] == "no-store"
    assert service.ask().headers["x-content-type-options"] == "nosniff"


def test_options_lists_the_allowed_methods(service):
    response = service.client.options("/api/v1/predictions")
    assert (response.status_code, response.headers["allow"]) == (204, "OPTIONS, POST")
