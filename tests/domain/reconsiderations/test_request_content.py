"""What an applicant can state, for any product, and how it is read."""

import json
from dataclasses import replace

import pytest

from domain.products.fields import ChoiceField
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.product_definition import ProductDefinition
from domain.reconsiderations.request_content import (
    BUREAU_GROUP,
    MAX_TEXT,
    InvalidRequest,
    RequestContent,
    correctable_fields,
    read_stated,
    same_value,
)
from entrypoints.configuration.setting_readers import product as product_in
from support.paths import PROJECT

AUTO_LOAN = product_in(str(PROJECT / "examples" / "auto_loan" / "product.json"))
PRODUCTS = pytest.mark.parametrize("product", [PERSONAL_LOAN, AUTO_LOAN], ids=lambda each: each.name)


@PRODUCTS
def test_all_but_the_credit_report_can_be_stated(product: ProductDefinition) -> None:
    stated = {each.name for each in correctable_fields(product)}
    report = {each.name for each in product.fields if each.group == BUREAU_GROUP}
    assert report
    assert stated == set(product.field_by_name) - report


@PRODUCTS
def test_the_values_on_record_as_a_form_shows_them_correct_nothing(product: ProductDefinition) -> None:
    present = product.values_of(product.application_from(dict(product.example)))
    shown = {each.name: str(present[each.name]) for each in correctable_fields(product)}
    assert read_stated(shown, present, product) == {}
    assert read_stated({}, present, product) == {}


@PRODUCTS
def test_another_choice_is_a_correction(product: ProductDefinition) -> None:
    present = product.values_of(product.application_from(dict(product.example)))
    field = next(each for each in correctable_fields(product) if isinstance(each, ChoiceField))
    other = next(choice for choice in field.choices if choice != present[field.name])
    assert read_stated({field.name: other}, present, product) == {field.name: other}


@PRODUCTS
def test_no_field_of_the_credit_report_and_no_unknown_one_is_accepted(product: ProductDefinition) -> None:
    report = next(each.name for each in product.fields if each.group == BUREAU_GROUP)
    with pytest.raises(InvalidRequest) as refused:
        read_stated({report: "1", "decision_id": "x"}, {}, product)
    assert set(refused.value.faults) == {report, "decision_id"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [("1e999", "Enter"), ("-5", "Enter"), ("€5", "currency"), ("five", "number"), ("NaN5", "number")],
)
def test_an_income_that_cannot_be_right_is_named(text: str, fault: str) -> None:
    with pytest.raises(InvalidRequest, match=fault):
        read_stated({"annual_inc": text}, {}, PERSONAL_LOAN)


def test_money_is_read_as_people_write_it() -> None:
    assert read_stated({"annual_inc": " $64,000.50 "}, {}, PERSONAL_LOAN) == {"annual_inc": 64_000.5}


def test_a_text_is_short_and_can_be_shown() -> None:
    for text in ("x" * (MAX_TEXT + 1), "\x00", "a\x1b[2J", "\u202e"):
        with pytest.raises(InvalidRequest):
            RequestContent({}, text, "salt")
    assert RequestContent({}, "Zwei\nZeilen\tŁódź " + "x" * 900, "salt").text


def test_the_digest_depends_on_everything_and_on_the_salt() -> None:
    content = RequestContent({"annual_inc": 64_000.0}, "Mine.", "salt")
    others = (
        replace(content, stated={"annual_inc": 64_001.0}),
        replace(content, text="Yours."),
        replace(content, salt="other"),
    )
    assert len({each.digest for each in (content, *others)}) == 4
    assert "64000" not in content.digest
    assert json.dumps(content.digest)


def test_values_are_the_same_to_two_decimals() -> None:
    assert same_value(12.345, 12.35)
    assert same_value(36, 36.0)
    assert not same_value(12.3, 12.31)
    assert not same_value(None, 0)
    assert not same_value("36", 36)
