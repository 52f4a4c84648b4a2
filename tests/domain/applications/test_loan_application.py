"""Values of loan applications are validated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.applications.applicant import (
    CreditHistory,
    EmploymentLength,
    FicoBand,
    InvalidCreditHistory,
    InvalidFicoBand,
)
from domain.applications.fields import FIELD_BY_NAME, FIELD_NAMES, NumberField
from domain.applications.loan_terms import LoanTerms, Purpose, Term, ZeroLoanAmount
from domain.applications.money import InvalidAmount, Money


@given(st.integers(0, 10**12))
def test_money_preserves_every_cent(cents: int) -> None:
    assert Money.of(Money(cents).dollars) == Money(cents)


@pytest.mark.parametrize("dollars", [float("nan"), float("inf"), -0.01])
def test_an_invalid_amount_is_refused(dollars: float) -> None:
    with pytest.raises(InvalidAmount):
        Money.of(dollars)


def test_money_reads_as_people_write_it() -> None:
    assert str(Money.of(1234567.8)) == "$1,234,567.80"


@pytest.mark.parametrize(("low", "high"), [(750, 700), (299, 700), (700, 851)])
def test_a_fico_band_lies_within_the_scale_low_first(low: int, high: int) -> None:
    with pytest.raises(InvalidFicoBand):
        FicoBand(low, high)


def test_a_loan_of_zero_dollars_is_refused() -> None:
    with pytest.raises(ZeroLoanAmount):
        LoanTerms(Money(0), Term.THREE_YEARS, Purpose.CAR)


def test_a_credit_report_has_no_negative_counts() -> None:
    with pytest.raises(InvalidCreditHistory):
        CreditHistory(FicoBand(700, 704), 10.0, None, -1, 0, 0)


def test_employment_length_is_zero_to_ten_years() -> None:
    years = {length.value: length.years for length in EmploymentLength}
    assert (years["< 1 year"], years["1 year"], years["10+ years"]) == (0.0, 1.0, 10.0)
    assert years["n/a"] != years["n/a"]  # not a number


def test_the_thirteen_fields_are_the_contracts() -> None:
    assert FIELD_NAMES == (
        "annual_inc", "emp_length", "home_ownership", "loan_amnt", "term", "purpose", "fico_range_low",
        "fico_range_high", "dti", "revol_util", "inq_last_6mths", "delinq_2yrs", "pub_rec",
    )  # fmt: skip


def test_a_fields_limits_read_as_a_sentence() -> None:
    field = FIELD_BY_NAME["revol_util"]
    assert isinstance(field, NumberField)
    assert field.allowed == "a number from 0 to 1,000, or nothing"
    assert FIELD_BY_NAME["term"].allowed == "one of 36 months, 60 months"
