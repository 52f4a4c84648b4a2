"""A product with other fields, without a purpose, with optional choices and an input that only the policy uses."""

from dataclasses import replace
from math import isnan

import pytest

from domain.applications.loan_application import ProductVersion
from domain.applications.loan_terms import InvalidLoanTerms
from domain.applications.money import Money
from domain.products.fields import ChoiceField, NumberField
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.product_definition import ProductDefinition
from domain.products.quantities import Characteristic, Measure

BOAT_LOAN = ProductDefinition(
    name="boat_loan",
    version="3",
    label="Boat loan",
    fields=(
        NumberField("price", "Price", "$", 0, 1_000_000, ""),
        NumberField("deposit", "Deposit", "$", 0, 1_000_000, "", optional=True),
        NumberField("age", "Age of the boat", "years", 0, 80, "", whole=True),
        ChoiceField("hull", "Hull", ("steel", "wood"), "", optional=True),
        ChoiceField("license", "License", ("none", "coast", "ocean"), "", numbers=(None, 12, 200), optional=True),
        NumberField("sum", "Amount", "$", 1, 1_000_000, ""),
        ChoiceField("length", "Term", ("1 year", "2 years"), "", numbers=(12, 24)),
    ),
    amount="sum",
    term="length",
    purpose=None,
    derived=(),
    characteristics=(
        Characteristic("sum", 1, "AMOUNT"),
        Characteristic("hull", 0, "HULL"),
        Characteristic("license", -1, "LICENSE"),
        Characteristic("deposit", -1, "DEPOSIT"),
    ),
    measures=(
        Measure("loan to value", "amount / price", "Loan-to-value"),
        Measure("age", "age", "Age of the boat"),
    ),
    reasons={"AMOUNT": "Amount", "HULL": "Hull", "LICENSE": "License", "DEPOSIT": "Deposit"},
    levers=(),
    example={"price": 50_000, "age": 3, "hull": "wood", "license": "coast", "sum": 20_000, "length": "2 years"},
)
VALUES = {"price": 50_000.005, "deposit": None, "age": 3.0, "hull": "wood", "license": "coast", "sum": 20_000.5}


def test_values_become_an_application_and_are_read_back():
    application = BOAT_LOAN.application_from(VALUES | {"length": "2 years"})
    assert application.product == ProductVersion("boat_loan", "3")
    assert (application.terms.amount, application.terms.term, application.terms.purpose) == (
        Money(2_000_050),
        24,
        None,
    )
    assert application.applicant == {
        "price": 50_000.0,
        "deposit": None,
        "age": 3,
        "hull": "wood",
        "license": "coast",
    }
    assert BOAT_LOAN.values_of(application) == VALUES | {"price": 50_000.0, "age": 3, "length": "2 years"}


def test_inputs_are_numbers_and_words_in_order_and_missing_ones_are_marked():
    given = BOAT_LOAN.application_from(VALUES | {"length": "1 year", "deposit": 100})
    assert BOAT_LOAN.inputs == ("sum", "hull", "license", "deposit", "price", "age", "length")
    assert BOAT_LOAN.characteristics_of(given) == (20_000.5, "wood", 12.0, 100.0, 50_000.0, 3.0, 12.0)
    assert (BOAT_LOAN.amount_place, BOAT_LOAN.term_place, BOAT_LOAN.months) == (0, 6, (12, 24))
    bare = BOAT_LOAN.application_from({"price": 0, "age": 1, "sum": 5, "length": "1 year"})
    amount, hull, licensed, deposit, *_ = BOAT_LOAN.characteristics_of(bare)
    assert (amount, hull) == (5.0, "")
    assert isnan(licensed)
    assert isnan(deposit)
    assert isnan(BOAT_LOAN.characteristics_of(replace(given, applicant={**given.applicant, "license": "none"}))[2])


def test_an_amount_that_rounds_to_nothing_is_refused():
    with pytest.raises(InvalidLoanTerms):
        BOAT_LOAN.application_from(VALUES | {"length": "1 year", "sum": 0.001})


def test_every_field_of_the_example_of_the_personal_loan_is_used():
    application = PERSONAL_LOAN.application_from(PERSONAL_LOAN.example)
    assert PERSONAL_LOAN.values_of(application) == PERSONAL_LOAN.example
