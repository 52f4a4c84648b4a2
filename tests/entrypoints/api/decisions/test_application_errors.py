"""Every error of a loan application is reported, field by field."""

import json

import pytest

from domain.access.user import Role
from domain.products.fields import NumberField
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN

NUMBERS = [field for field in PERSONAL_LOAN.fields if isinstance(field, NumberField)]


def errors_of(content):
    return {error["field"]: error for error in content["errors"]}


def test_every_invalid_field_is_reported(service, problem):
    response = service.ask(annual_inc=-1, emp_length="5", dti="15.5%", inq_last_6mths=1.5, pub_rec=...)
    content = problem(response, 422)
    assert content["type"] == "urn:credit-scoring:problem:invalid-application"
    assert content["detail"] == "5 validation errors"
    errors = errors_of(content)
    assert set(errors) == {"annual_inc", "emp_length", "dti", "inq_last_6mths", "pub_rec"}
    for name, error in errors.items():
        assert error["allowed"] == PERSONAL_LOAN.field_by_name[name].allowed
    assert errors["annual_inc"] == {
        "field": "annual_inc",
        "problem": "is below the minimum",
        "allowed": "a number from 0 to 100,000,000",
        "value": -1,
    }
    assert errors["dti"]["problem"] == "is text, not a number; send the JSON number 15.5"
    assert errors["inq_last_6mths"]["problem"] == "has a fraction"
    assert errors["pub_rec"]["problem"] == "is missing"


def test_an_empty_object_has_twelve_missing_fields(service, problem):
    content = problem(service.ask(b"{}"), 422)
    assert {error["problem"] for error in content["errors"]} == {"is missing"}
    assert set(errors_of(content)) == set(EXAMPLE) - {"revol_util"}


@pytest.mark.parametrize("field", NUMBERS, ids=lambda field: field.name)
def test_limits_are_inclusive(service, problem, field):
    usual = {"fico_range_low": 300, "fico_range_high": 850}
    for limit in (field.minimum, field.maximum):
        assert service.ask(**(usual | {field.name: limit})).status_code == 200, limit
    step = 1 if field.whole else 0.01
    for beyond, expected in (
        (field.minimum - step, "below the minimum"),
        (field.maximum + step, "above the maximum"),
    ):
        error = errors_of(problem(service.ask(**(usual | {field.name: beyond})), 422))[field.name]
        assert error["problem"] == f"is {expected}"
        assert error["allowed"] == field.allowed


@pytest.mark.parametrize("field", PERSONAL_LOAN.fields, ids=lambda field: field.name)
@pytest.mark.parametrize("value", [True, [1], {"a": 1}, "", 10**30, -0.5, 1e308])
def test_values_of_a_wrong_type_are_rejected(service, problem, field, value):
    assert set(errors_of(problem(service.ask(**{field.name: value}), 422))) == {field.name}


NEEDED = [field for field in PERSONAL_LOAN.fields if not (isinstance(field, NumberField) and field.optional)]


@pytest.mark.parametrize("field", NEEDED, ids=lambda field: field.name)
def test_null_is_rejected_for_required_fields(service, problem, field):
    assert set(errors_of(problem(service.ask(**{field.name: None}), 422))) == {field.name}


@pytest.mark.parametrize(
    ("token", "expected_problem"),
    [
        ("NaN", "is NaN, not a number"),
        ("Infinity", "is Infinity, not a number"),
        ("-Infinity", "is -Infinity, not a number"),
        ("1e400", "is above the maximum"),
        ("-1e400", "is below the minimum"),
        ("9" * 5000, "is above the maximum"),
        ("null", "is null, not a number"),
        ('"20"', "is text, not a number; send the JSON number 20"),
        ('"$20,000"', "is text, not a number; send a JSON number"),
    ],
)
def test_non_finite_and_non_numeric_values_are_named(service, problem, token, expected_problem):
    body = json.dumps(EXAMPLE).replace("15.5", token).encode()
    assert errors_of(problem(service.ask(body), 422))["dti"]["problem"] == expected_problem


def test_numbers_too_small_for_a_double_are_zero(service):
    assert service.ask(json.dumps(EXAMPLE).replace("15.5", "1e-400").encode()).status_code == 200


@pytest.mark.parametrize(
    ("changed", "hint"),
    [
        ({"home_ownership": "rented"}, "RENT"),
        ({"purpose": "dept consolidation"}, "debt_consolidation"),
        ({"emp_length": "5 year"}, "5 years"),
        ({"term": "36 month"}, "36 months"),
    ],
)
def test_a_misspelled_choice_gets_a_suggestion(service, problem, changed, hint):
    assert problem(service.ask(**changed), 422)["errors"][0]["problem"].endswith(f"did you mean {hint}?")


@pytest.mark.parametrize(
    ("field", "sent", "read"),
    [
        ("home_ownership", "Rent", "RENT"),
        ("home_ownership", " mortgage", "MORTGAGE"),
        ("purpose", "Debt consolidation", "debt_consolidation"),
        ("purpose", "home-improvement", "home_improvement"),
        ("purpose", "HOME\u00a0IMPROVEMENT", "home_improvement"),
        ("term", "60_Months", "60 months"),
        ("emp_length", "10+ Years", "10+ years"),
        ("emp_length", "N/A", "n/a"),
    ],
)
def test_a_choice_may_differ_in_letter_case_and_spaces(service, field, sent, read):
    response = service.ask(**{field: sent})
    assert response.status_code == 200
    decision = service.get(f"/api/v1/decisions/{response.json()['request_id']}", role=Role.AUDITOR).json()
    assert decision["application"][field] == read


def test_a_word_that_could_mean_a_choice_or_nothing_is_refused(service, problem):
    [error] = problem(service.ask(home_ownership="None"), 422)["errors"]
    assert error["problem"].startswith("may mean the choice NONE or a missing value")


@pytest.mark.parametrize("term", ["48 months", "months"])
def test_no_suggestion_where_two_are_equally_similar(service, problem, term):
    assert problem(service.ask(term=term), 422)["errors"][0]["problem"] == "is not an allowed value"


def test_an_unknown_field_is_rejected_with_a_suggestion(service, problem):
    content = problem(service.ask(annual_income=50_000, annual_inc=...), 422)
    errors = errors_of(content)
    assert errors["annual_inc"]["problem"] == "is missing"
    assert errors["annual_income"]["problem"].endswith("did you mean annual_inc?")


@pytest.mark.parametrize("band", [(700, 699), (850, 300)])
def test_a_reversed_fico_range_is_rejected(service, problem, band):
    low, high = band
    error = errors_of(problem(service.ask(fico_range_low=low, fico_range_high=high), 422))["fico_range_high"]
    assert error["problem"] == f"is below fico_range_low, which is {low}"
    assert error["allowed"] == f"a whole number from fico_range_low, {low}, to 850"


DUPLICATES = [
    ('"dti": 15.5', '"dti": 15.5, "dti": 15.5'),
    ('"dti": 15.5', '"dti": 90, "d\\u0074i": 15.5'),
    ('"revol_util": 25.0', '"dti": 15.5'),
    ('"revol_util": 25.0', '"revol_util": 25.0, "revol_util": null'),
    ('"term": "36 months"', '"term": "36 months", "term": "60 months"'),
]


@pytest.mark.parametrize(("old", "new"), DUPLICATES)
def test_a_repeated_field_is_rejected(service, problem, old, new):
    body = json.dumps(EXAMPLE)
    assert old in body
    [error] = problem(service.ask(body.replace(old, new).encode()), 422)["errors"]
    assert error["problem"] == "is given more than once"


def test_escapes_and_whitespace_are_accepted(service):
    body = json.dumps(EXAMPLE, indent=3).replace('"dti"', '"\\u0064ti"').replace("MORTGAGE", "\\u004dORTGAGE")
    assert service.ask(body.encode()).status_code == 200


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"NaN", b"[{}]"])
def test_other_json_than_an_object_is_rejected(service, problem, body):
    assert problem(service.ask(body), 422)["errors"][0]["problem"] == "the body is not a JSON object"


def test_many_errors_are_counted_and_the_first_fifty_listed(service, problem):
    content = problem(service.ask(json.dumps({f"x{index}": index for index in range(3000)}).encode()), 422)
    assert content["detail"] == "3012 validation errors; the first 50 are listed"
    assert len(content["errors"]) == 50


def test_long_and_unencodable_names_and_values_are_shortened(service, problem):
    content = problem(service.ask(b'{"\\ud800' + b"y" * 30_000 + b'": 1, "purpose": "\\udfff"}'), 422)
    assert all(len(error["field"]) < 100 for error in content["errors"])
