"""Expected and observed default by month of booking, through the API."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.access.user import Role
from domain.month import Month

PATH = "/api/v1/outcomes/vintages"
THIS_MONTH = Month.of(datetime.now(UTC))
OLD, NEW = THIS_MONTH.later(-15).first_day, THIS_MONTH.first_day


@pytest.fixture
def record(service):
    """Accepts an approved application and records outcomes of its loan."""

    def record(*outcomes, booked: date, **form):
        approved = service.ask(**form).json()["request_id"]
        path = f"/api/v1/applications/{approved}"
        assert service.client.post(f"{path}/acceptance", headers=service.as_(Role.SERVICE)).status_code == 200
        for status, days in (("booked", 0), *outcomes):
            body = {"status": status, "as_of": str(booked + timedelta(days=days)), "booked_on": str(booked)}
            response = service.client.post(f"{path}/outcomes", json=body, headers=service.as_(Role.SERVICE))
            assert response.status_code == 200, response.text

    return record


@pytest.fixture
def vintages(service):
    def vintages(role=Role.RISK_MANAGER, **params):
        return service.client.get(PATH, params=params, headers=service.as_(role))

    return vintages


def test_without_loans_there_are_no_vintages(vintages):
    content = vintages().json()
    assert (content["vintages"], content["total"], content["synthetic"], content["months"]) == (
        [],
        None,
        False,
        36,
    )


def test_mature_and_immature_months_are_told_apart(record, vintages):
    record(("prepaid", 200), booked=OLD)
    record(("charged_off", 300), booked=OLD)
    record(booked=NEW)
    content = vintages().json()
    old, new = content["vintages"]
    assert (old["month"], old["loans"], old["mature"], old["defaults"], old["complete"]) == (
        str(OLD),
        2,
        2,
        1,
        True,
    )
    assert old["observed"] == 0.5
    assert 0 < old["observed_low"] < 0.5 < old["observed_high"] < 1
    assert 0 < old["expected"] < 0.14
    assert (new["month"], new["immature"], new["complete"], new["observed"]) == (str(NEW), 1, False, 0.0)
    assert content["total"] == old
    assert [each["month"] for each in vintages(months=12).json()["vintages"]] == [str(NEW)]


def test_vintages_are_filtered(record, vintages):
    record(booked=NEW, source="broker")
    record(booked=NEW)

    def loans(**params):
        return sum(each["loans"] for each in vintages(**params).json()["vintages"])

    assert loans() == 2
    assert loans(source="broker") == 1
    assert loans(product="personal_loan") == 2
    assert loans(product="auto_loan") == loans(grade="G") == 0


@pytest.mark.parametrize("months", [0, 121, -1])
def test_the_number_of_months_has_bounds(vintages, problem, months):
    (error,) = problem(vintages(months=months), 400)["errors"]
    assert error["field"] == "months"
