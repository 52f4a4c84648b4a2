"""The API decodes and describes the applications of any product."""

import json
from dataclasses import replace
from typing import Any

import pytest
from msgspec import UNSET

from domain.applications import bureau_fields, superseding
from domain.applications.application_identity import NAMES
from domain.products.fields import NumberField
from entrypoints.api.decisions.decoding import ApplicationDecoder
from entrypoints.api.http.problems import RequestRejected
from entrypoints.api.routes import openapi_document
from support.other_product import BOAT_LOAN

READ = ApplicationDecoder(BOAT_LOAN)
EXAMPLE = dict(BOAT_LOAN.example)


def body(**changed: Any) -> bytes:
    """The example with some fields changed; `...` leaves a field out."""
    return json.dumps({name: value for name, value in (EXAMPLE | changed).items() if value is not ...}).encode()


def errors_of(content: bytes) -> dict[str, tuple[str, Any]]:
    with pytest.raises(RequestRejected) as refused:
        READ(content)
    assert refused.value.problem.title == "Invalid loan application"
    return {error.field: (error.problem, error.allowed) for error in refused.value.problem.errors}


@pytest.mark.parametrize("field", BOAT_LOAN.fields, ids=lambda field: field.name)
def test_a_field_may_be_missing_only_if_it_is_optional(field):
    for content in (body(**{field.name: ...}), body(**{field.name: None})):
        if field.optional:
            assert BOAT_LOAN.values_of(READ(content)[0])[field.name] is None
        else:
            assert errors_of(content).keys() == {field.name}


def test_every_error_is_named_with_what_is_allowed():
    content = body(
        monthly_income="3200",
        experience="1 to 5 year",
        guarantor=True,
        savings=-0.01,
        price=50_000.01,
        duration="36 months",
        length_least=2.4,
        length_most=...,
        lenght_most=8,
    )
    assert errors_of(content) == {
        "monthly_income": ("is text, not a number; send the JSON number 3200", "a number from 0 to 90,000"),
        "experience": (
            "is not an allowed value; did you mean 1 to 5 years?",
            "one of none, 1 to 5 years, over 5 years",
        ),
        "guarantor": ("is true or false, not text", "one of PARENT, SPOUSE, or nothing"),
        "savings": ("is below the minimum", "a number from 0 to 5,000,000, or nothing"),
        "price": ("is above the maximum", "a number from 500 to 50,000"),
        "duration": ("is not an allowed value", "one of 12 months, 24 months"),
        "length_least": ("is below the minimum", "a number from 2.5 to 30"),
        "length_most": ("is missing", "a number from 2.5 to 30"),
        "lenght_most": ("is not a field of a loan application; did you mean length_most?", UNSET),
    }


def test_a_range_that_is_not_in_order_is_named():
    assert errors_of(body(length_least=9)) == {
        "length_most": ("is below length_least, which is 9.0", "a number from length_least, 9, to 30")
    }


@pytest.mark.parametrize("guarantor", ['"guarantor": null, ', '"guarantor": "PARENT", ', ""])
@pytest.mark.parametrize("savings", ['"savings": null, ', '"savings": 1, ', ""])
def test_a_repeated_field_is_found_whichever_optional_fields_are_given(guarantor: str, savings: str):
    rest = body(guarantor=..., savings=...).decode().removeprefix("{")
    valid = f"{{{guarantor}{savings}{rest}"
    assert READ(valid.encode()) == READ.read_thoroughly(valid.encode())
    for repeated in ('"price": 600', '"duration": "12 months"', '"guarantor": null', '"savings": 5'):
        found = errors_of(f"{valid.removesuffix('}')}, {repeated}, {repeated}}}".encode())
        assert [problem for problem, _ in found.values()] == ["is given more than once"]


def test_values_reach_the_application_and_are_written_back():
    content = body(monthly_income=3200, guarantor="SPOUSE", savings=10.004)
    application = READ(content)[0]
    assert application == READ.read_thoroughly(content)[0]
    assert (application.terms.amount.dollars, application.terms.term, application.terms.purpose) == (
        9000,
        24,
        None,
    )
    assert BOAT_LOAN.values_of(application) == EXAMPLE | {
        "monthly_income": 3200.0,
        "guarantor": "SPOUSE",
        "savings": 10.0,
    }


def test_the_openapi_document_describes_the_products_fields():
    schemas = openapi_document("1", BOAT_LOAN)["components"]["schemas"]
    described = schemas["LoanApplicationBody"]
    names = [field.name for field in BOAT_LOAN.fields]
    assert sorted(described["properties"]) == sorted([*names, *NAMES, *bureau_fields.NAMES, *superseding.NAMES])
    assert set(described["required"]) == set(names) - {"guarantor", "savings"}
    assert described["additionalProperties"] is False
    assert described["examples"] == [EXAMPLE]
    assert described["properties"]["duration"]["enum"] == ["12 months", "24 months"]
    assert described["properties"]["guarantor"]["anyOf"][0]["enum"] == ["PARENT", "SPOUSE"]
    assert described["properties"]["length_least"]["minimum"] == 2.5
    assert described["properties"]["price"]["description"] == "Price, $. Of the boat."
    assert list(schemas["Contributions"]["properties"]) == list(BOAT_LOAN.characteristic_names)
    counterfactuals = schemas["CounterfactualResponse"]["examples"][0]["counterfactuals"]
    [change] = [change for one in counterfactuals for change in one["changes"]]
    assert change == {"field": "savings", "given": 4000.0, "instead": 6000.0}
    assert "loan_amnt" not in json.dumps(openapi_document("1", BOAT_LOAN))


@pytest.mark.parametrize(("minimum", "maximum"), [(0.5, 3.5), (1.0, 3.0)])
def test_limits_of_whole_numbers_may_be_written_as_fractions(minimum: float, maximum: float):
    crew = NumberField("crew", "Crew", "", minimum, maximum, "", whole=True)
    product = replace(BOAT_LOAN, fields=(*BOAT_LOAN.fields, crew), example={**BOAT_LOAN.example, "crew": 2})
    read = ApplicationDecoder(product)
    for crew_number in (1, 3):
        content = body(crew=crew_number)
        assert read(content) == read.read_thoroughly(content)
    for crew_number in (0, 4):
        with pytest.raises(RequestRejected):
            read(body(crew=crew_number))
