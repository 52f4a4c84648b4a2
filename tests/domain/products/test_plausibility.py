"""Values that an application may have, but that are usually a slip."""

from dataclasses import replace

import pytest

from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.plausibility import PlausibilityCheck, questionable
from domain.products.product_definition import InvalidProductDefinition, ProductDefinition
from domain.products.stored_product import product_from, read_product
from support.other_product import BOAT_LOAN
from support.paths import PROJECT

AUTO_LOAN = read_product((PROJECT / "examples" / "auto_loan" / "product.json").read_text(encoding="utf-8"))


def asked(product: ProductDefinition, **changed: object) -> list[str]:
    values = dict.fromkeys(product.field_by_name) | product.example | changed
    return [check.field for check in questionable(product.plausibility, values, product.amount)]


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"annual_inc": 62.0, "loan_amnt": 50.0}, ["annual_inc"]),
        ({"annual_inc": 62.0}, ["annual_inc", "loan_amnt"]),
        ({"annual_inc": 4200.0, "loan_amnt": 4000.0}, ["annual_inc"]),
        ({"annual_inc": 6_200_000.0}, ["annual_inc"]),
        ({"loan_amnt": 50_000.01}, ["loan_amnt"]),
        ({"annual_inc": 0.0}, ["annual_inc", "loan_amnt"]),
        ({"dti": 0.18}, ["dti"]),
        ({"dti": 155.0}, ["dti"]),
        ({"revol_util": 0.35}, ["revol_util"]),
        ({"revol_util": 350.0}, ["revol_util"]),
        ({"fico_range_high": 790}, ["fico_range_high"]),
        ({"inq_last_6mths": 20, "delinq_2yrs": 20, "pub_rec": 20}, ["inq_last_6mths", "delinq_2yrs", "pub_rec"]),
    ],
)
def test_unusual_values_of_a_personal_loan_are_questionable(changed: dict[str, object], fields: list[str]):
    assert asked(PERSONAL_LOAN, **changed) == fields


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"dti": 0.0, "revol_util": 0.0},
        {"dti": 1.0, "revol_util": 1.0},
        {"revol_util": None},
        {"annual_inc": 12_000.0},
        {"loan_amnt": 50_000.0},
        {"fico_range_high": 704},
    ],
)
def test_usual_values_are_not(changed: dict[str, object]):
    assert asked(PERSONAL_LOAN, **changed) == []


def test_another_product_asks_its_own_questions():
    assert asked(AUTO_LOAN) == []
    assert asked(AUTO_LOAN, monthly_income=62_400.0) == ["monthly_income"]
    assert asked(AUTO_LOAN, vehicle_age=40, months_at_employer=None) == ["vehicle_age"]
    assert asked(BOAT_LOAN, monthly_income=1.0) == []  # it has no checks


def test_a_definition_without_checks_keeps_the_document_that_it_had():
    assert "plausibility" not in BOAT_LOAN.document
    assert product_from(BOAT_LOAN.document).fingerprint == BOAT_LOAN.fingerprint


def test_every_fault_of_a_check_is_named():
    check = PlausibilityCheck("shoe_size", "savings + loan_terms", " ", above=3, below=3)
    with pytest.raises(InvalidProductDefinition) as refused:
        replace(BOAT_LOAN, plausibility=(check, PlausibilityCheck("price", "amount", "Really?")))
    faults = [fault for fault in refused.value.faults if fault.startswith("plausibility")]
    assert [fault.split(":")[0] for fault in faults] == ["plausibility of shoe_size"] * 4 + [
        "plausibility of price"
    ]
    for part in ("no field has this name", "needs a question", "no number is above 3 and below 3", "loan_terms"):
        assert any(part in fault for fault in faults), part
    assert "needs a bound" in faults[-1]
