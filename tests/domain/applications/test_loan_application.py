"""Values of loan applications are validated."""

from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.applications.loan_terms import InvalidLoanTerms, LoanTerms
from domain.applications.money import InvalidAmount, Money
from domain.products.fields import NumberField
from domain.products.personal_loan import PERSONAL_LOAN


@given(st.integers(0, 10**12))
def test_money_preserves_every_cent(cents: int) -> None:
    assert Money.of(Money(cents).dollars) == Money(cents)


@pytest.mark.parametrize("dollars", [float("nan"), float("inf"), -0.01])
def test_an_invalid_amount_is_refused(dollars: float) -> None:
    with pytest.raises(InvalidAmount):
        Money.of(dollars)


def test_money_reads_as_people_write_it() -> None:
    assert str(Money.of(1234567.8)) == "$1,234,567.80"


def test_a_loan_of_zero_dollars_is_refused() -> None:
    with pytest.raises(InvalidLoanTerms):
        LoanTerms(Money(0), 36, "car")


def test_employment_length_is_zero_to_ten_years() -> None:
    years = PERSONAL_LOAN.field_by_name["emp_length"].number_by_choice
    assert (years["< 1 year"], years["1 year"], years["10+ years"]) == (0.0, 1.0, 10.0)
    assert isnan(years["n/a"])


def test_an_application_has_the_values_of_its_fields() -> None:
    application = PERSONAL_LOAN.application_from(PERSONAL_LOAN.example)
    assert application.product == PERSONAL_LOAN.product_version
    assert PERSONAL_LOAN.values_of(application) == PERSONAL_LOAN.example


def test_money_of_an_application_is_rounded_to_cents_half_to_even() -> None:
    application = PERSONAL_LOAN.application_from(
        dict(PERSONAL_LOAN.example) | {"annual_inc": 0.125, "loan_amnt": 2.675}
    )
    assert application.applicant["annual_inc"] == 0.12
    assert application.terms.amount == Money(268)


def test_what_was_not_given_is_not_a_number_for_the_model() -> None:
    values = dict(PERSONAL_LOAN.example) | {"emp_length": "n/a"}
    del values["revol_util"]
    inputs = dict(
        zip(
            PERSONAL_LOAN.inputs,
            PERSONAL_LOAN.characteristics_of(PERSONAL_LOAN.application_from(values)),
            strict=True,
        )
    )
    missing = {name for name, value in inputs.items() if isinstance(value, float) and isnan(value)}
    assert missing == {"emp_length", "revol_util"}


def test_the_thirteen_fields_are_the_contracts() -> None:
    assert tuple(PERSONAL_LOAN.field_by_name) == (
        "annual_inc", "emp_length", "home_ownership", "loan_amnt", "term", "purpose", "fico_range_low",
        "fico_range_high", "dti", "revol_util", "inq_last_6mths", "delinq_2yrs", "pub_rec",
    )  # fmt: skip


def test_a_fields_limits_read_as_a_sentence() -> None:
    field = PERSONAL_LOAN.field_by_name["revol_util"]
    assert isinstance(field, NumberField)
    assert field.allowed == "a number from 0 to 1,000, or nothing"
    assert PERSONAL_LOAN.field_by_name["term"].allowed == "one of 36 months, 60 months"
