"""Parses the application form into a loan application; reports every invalid field."""

import re
from collections.abc import Mapping
from math import isfinite

from domain.applications.applicant import Applicant, CreditHistory, EmploymentLength, FicoBand, HomeOwnership
from domain.applications.fields import FIELD_BY_NAME, FIELDS, ChoiceField, NumberField
from domain.applications.loan_application import LoanApplication
from domain.applications.loan_terms import LoanTerms, Purpose, Term
from domain.applications.money import Money

Entries = Mapping[str, str | None]
"""The text of each form field, as typed or selected."""

SAMPLE: Mapping[str, str] = {
    "annual_inc": "50,000",
    "emp_length": "5 years",
    "home_ownership": "MORTGAGE",
    "loan_amnt": "10,000",
    "term": "36 months",
    "purpose": "debt_consolidation",
    "fico_range_low": "700",
    "fico_range_high": "750",
    "dti": "15.5",
    "revol_util": "25",
    "inq_last_6mths": "2",
    "delinq_2yrs": "0",
    "pub_rec": "0",
}
"""The sample loan application of the README."""

BAND_WIDTH = 4
_NUMBER = re.compile(r"\$?(?P<digits>-?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+))%?", re.ASCII)


class InvalidApplication(ValueError):
    """The form has invalid fields; `errors` holds the messages by field name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


def application_from(entries: Entries) -> LoanApplication:
    """The loan application in the form; raises InvalidApplication."""
    errors: dict[str, str] = {}
    numbers: dict[str, float | None] = {}
    for field in FIELDS:
        text = _without_spaces(entries.get(field.name))
        if isinstance(field, ChoiceField):
            if text not in {_without_spaces(choice) for choice in field.choices}:
                errors[field.name] = "Select an option"
            continue
        numbers[field.name] = parse_number(text)
        error = _number_error(field, text, numbers[field.name])
        if error:
            errors[field.name] = error
    low, high = numbers["fico_range_low"], numbers["fico_range_high"]
    if not errors.keys() & {"fico_range_low", "fico_range_high"} and (high or 0) < (low or 0):
        errors["fico_range_high"] = "Must be at least the low score"
    if errors:
        raise InvalidApplication(errors)
    return _build(entries, numbers)


def parse_number(text: str) -> float | None:
    """The number in the text, which may have thousands separators, a $ and a %; None if it is not a number."""
    match = _NUMBER.fullmatch(text)
    value = float(match["digits"].replace(",", "")) if match else None
    return value if value is not None and isfinite(value) else None


def suggested_fico_high(fico_low: str | None) -> str | None:
    """The usual high score for a low FICO score; None while the low score is incomplete."""
    low, field = parse_number(_without_spaces(fico_low)), FIELD_BY_NAME["fico_range_low"]
    if low is None or _number_error(field, str(fico_low), low):
        return None
    return str(min(int(low) + BAND_WIDTH, 850))


def _without_spaces(text: str | None) -> str:
    return "".join((text or "").split())


def _number_error(field: NumberField | ChoiceField, text: str, value: float | None) -> str | None:
    if not isinstance(field, NumberField) or (not text and field.optional):
        return None
    if not text:
        return "Required"
    in_range = value is not None and field.minimum <= value <= field.maximum
    if not in_range or (field.whole and value != int(value or 0)):
        return f"Enter {field.allowed}"
    return None


def _build(entries: Entries, numbers: Mapping[str, float | None]) -> LoanApplication:
    given = {name: value for name, value in numbers.items() if value is not None}
    return LoanApplication(
        applicant=Applicant(
            annual_income=Money.of(given["annual_inc"]),
            employment_length=EmploymentLength(entries["emp_length"]),
            home_ownership=HomeOwnership(entries["home_ownership"]),
            credit_history=CreditHistory(
                fico=FicoBand(int(given["fico_range_low"]), int(given["fico_range_high"])),
                debt_to_income=given["dti"],
                revolving_utilisation=given.get("revol_util"),
                inquiries_last_6_months=int(given["inq_last_6mths"]),
                delinquencies_last_2_years=int(given["delinq_2yrs"]),
                public_records=int(given["pub_rec"]),
            ),
        ),
        terms=LoanTerms(
            amount=Money.of(given["loan_amnt"]),
            term=next(term for term in Term if term.label == entries["term"]),
            purpose=Purpose(entries["purpose"]),
        ),
    )
