"""Whatever is wrong with a loan application is told: all of it, field by field."""

import json

import pytest

from domain.applications.fields import FIELD_BY_NAME, FIELDS, NumberField
from entrypoints.api.decisions.loan_application_body import EXAMPLE

NUMBERS = [field for field in FIELDS if isinstance(field, NumberField)]


def faults_of(told):
    return {fault["field"]: fault for fault in told["errors"]}


def test_five_faults_are_five_errors(service, problem):
    response = service.ask(annual_inc=-1, emp_length="5", dti="15.5%", inq_last_6mths=1.5, pub_rec=...)
    told = problem(response, 422)
    assert told["type"] == "urn:credit-scoring:problem:invalid-application"
    assert told["detail"] == "5 validation errors"
    faults = faults_of(told)
    assert set(faults) == {"annual_inc", "emp_length", "dti", "inq_last_6mths", "pub_rec"}
    for name, fault in faults.items():
        assert fault["allowed"] == FIELD_BY_NAME[name].allowed
    assert faults["annual_inc"] == {
        "field": "annual_inc",
        "problem": "is below what is allowed",
        "allowed": "a number from 0 to 100,000,000",
        "value": -1,
    }
    assert faults["dti"]["problem"] == "is text, not a number"
    assert faults["inq_last_6mths"]["problem"] == "has a fraction"
    assert faults["pub_rec"]["problem"] == "is missing"


def test_nothing_at_all_is_twelve_missing_fields(service, problem):
    told = problem(service.ask(b"{}"), 422)
    assert {fault["problem"] for fault in told["errors"]} == {"is missing"}
    assert set(faults_of(told)) == set(EXAMPLE) - {"revol_util"}


@pytest.mark.parametrize("field", NUMBERS, ids=lambda field: field.name)
def test_limits_themselves_are_allowed_and_nothing_beyond(service, problem, field):
    usual = {"fico_range_low": 300, "fico_range_high": 850}
    for limit in (field.minimum, field.maximum):
        assert service.ask(**(usual | {field.name: limit})).status_code == 200, limit
    step = 1 if field.whole else 0.01
    for beyond, problem_told in ((field.minimum - step, "below"), (field.maximum + step, "above")):
        fault = faults_of(problem(service.ask(**(usual | {field.name: beyond})), 422))[field.name]
        assert fault["problem"] == f"is {problem_told} what is allowed"
        assert fault["allowed"] == field.allowed


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("value", [True, [1], {"a": 1}, "", 10**30, -0.5, 1e308])
def test_no_value_of_a_wrong_kind_slips_through(service, problem, field, value):
    assert set(faults_of(problem(service.ask(**{field.name: value}), 422))) == {field.name}


NEEDED = [field for field in FIELDS if not (isinstance(field, NumberField) and field.optional)]


@pytest.mark.parametrize("field", NEEDED, ids=lambda field: field.name)
def test_nothing_is_no_value_where_one_is_needed(service, problem, field):
    assert set(faults_of(problem(service.ask(**{field.name: None}), 422))) == {field.name}


@pytest.mark.parametrize(
    ("token", "told_problem"),
    [
        ("NaN", "is NaN, not a number"),
        ("Infinity", "is Infinity, not a number"),
        ("-Infinity", "is -Infinity, not a number"),
        ("1e400", "is above what is allowed"),
        ("-1e400", "is below what is allowed"),
        ("9" * 5000, "is above what is allowed"),
        ("null", "is null, not a number"),
        ('"20"', "is text, not a number"),
    ],
)
def test_what_is_no_finite_number_is_named(service, problem, token, told_problem):
    body = json.dumps(EXAMPLE).replace("15.5", token).encode()
    assert faults_of(problem(service.ask(body), 422))["dti"]["problem"] == told_problem


def test_numbers_too_small_for_a_double_are_nought(service):
    assert service.ask(json.dumps(EXAMPLE).replace("15.5", "1e-400").encode()).status_code == 200


@pytest.mark.parametrize(
    ("changed", "hint"),
    [
        ({"home_ownership": "rent"}, "RENT"),
        ({"purpose": "debt consolidation"}, "debt_consolidation"),
        ({"emp_length": "5 year"}, "5 years"),
        ({"term": "36 month"}, "36 months"),
    ],
)
def test_a_word_nearly_right_is_recognised(service, problem, changed, hint):
    assert problem(service.ask(**changed), 422)["errors"][0]["problem"].endswith(f"did you mean {hint}?")


@pytest.mark.parametrize("term", ["48 months", "months"])
def test_no_word_is_suggested_where_two_are_equally_near(service, problem, term):
    assert problem(service.ask(term=term), 422)["errors"][0]["problem"] == "is not an allowed value"


def test_an_unknown_field_is_refused_with_a_hint(service, problem):
    told = problem(service.ask(annual_income=50_000, annual_inc=...), 422)
    faults = faults_of(told)
    assert faults["annual_inc"]["problem"] == "is missing"
    assert faults["annual_income"]["problem"].endswith("did you mean annual_inc?")


@pytest.mark.parametrize("band", [(700, 699), (850, 300)])
def test_a_fico_band_upside_down_is_refused(service, problem, band):
    low, high = band
    fault = faults_of(problem(service.ask(fico_range_low=low, fico_range_high=high), 422))["fico_range_high"]
    assert fault["problem"] == f"is below fico_range_low, which is {low}"
    assert fault["allowed"] == f"a whole number from fico_range_low, {low}, to 850"


DUPLICATES = [
    ('"dti": 15.5', '"dti": 15.5, "dti": 15.5'),
    ('"dti": 15.5', '"dti": 90, "d\\u0074i": 15.5'),
    ('"revol_util": 25.0', '"dti": 15.5'),
    ('"revol_util": 25.0', '"revol_util": 25.0, "revol_util": null'),
    ('"term": "36 months"', '"term": "36 months", "term": "60 months"'),
]


@pytest.mark.parametrize(("old", "new"), DUPLICATES)
def test_a_field_given_twice_is_refused(service, problem, old, new):
    body = json.dumps(EXAMPLE)
    assert old in body
    [fault] = problem(service.ask(body.replace(old, new).encode()), 422)["errors"]
    assert fault["problem"] == "is given more than once"


def test_escapes_and_spaces_do_not_hide_a_good_application(service):
    body = json.dumps(EXAMPLE, indent=3).replace('"dti"', '"\\u0064ti"').replace("MORTGAGE", "\\u004dORTGAGE")
    assert service.ask(body.encode()).status_code == 200


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"NaN", b"[{}]"])
def test_only_an_object_is_a_loan_application(service, problem, body):
    assert problem(service.ask(body), 422)["errors"][0]["problem"] == "the body is not a JSON object"


def test_very_many_faults_are_counted_and_the_first_are_listed(service, problem):
    told = problem(service.ask(json.dumps({f"x{index}": index for index in range(3000)}).encode()), 422)
    assert told["detail"] == "3012 validation errors; the first 50 are listed"
    assert len(told["errors"]) == 50


def test_long_and_strange_names_and_values_come_back_short_and_sound(service, problem):
    told = problem(service.ask(b'{"\\ud800' + b"y" * 30_000 + b'": 1, "purpose": "\\udfff"}'), 422)
    assert all(len(fault["field"]) < 100 for fault in told["errors"])
