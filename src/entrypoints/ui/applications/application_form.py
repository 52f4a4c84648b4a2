"""What was typed into the application form, read into a loan application, with every fault named at its field."""

import re
from collections.abc import Mapping
from math import isfinite

from domain.applications.applicant import Applicant, CreditHistory, EmploymentLength, FicoBand, HomeOwnership
from domain.applications.fields import FIELD_BY_NAME, FIELDS, ChoiceField, NumberField
from domain.applications.loan_application import LoanApplication
from domain.applications.loan_terms import LoanTerms, Purpose, Term
from domain.applications.money import Money

Entries = Mapping[str, str | None]
"""What stands in each field of the form, as typed or chosen."""

EXAMPLE: Mapping[str, str] = {
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
"""The loan application of the README."""

BAND_WIDTH = 4
_NUMBER = re.compile(r"\$?(?P<digits>-?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+))%?", re.ASCII)


class InvalidApplication(ValueError):
    """What was typed is no loan application; `faults` says why, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


def application_from(entries: Entries) -> LoanApplication:
    """The loan application that was typed in; raises InvalidApplication."""
    faults: dict[str, str] = {}
    numbers: dict[str, float | None] = {}
    for field in FIELDS:
        text = _squeezed(entries.get(field.name))
        if isinstance(field, ChoiceField):
            if text not in {_squeezed(word) for word in field.choices}:
                faults[field.name] = "Choose one of the list"
            continue
        numbers[field.name] = number_in(text)
        fault = _number_fault(field, text, numbers[field.name])
        if fault:
            faults[field.name] = fault
    low, high = numbers["fico_range_low"], numbers["fico_range_high"]
    if not faults.keys() & {"fico_range_low", "fico_range_high"} and (high or 0) < (low or 0):
        faults["fico_range_high"] = f"Not below the lower end: from {low:.0f} to 850"
    if faults:
        raise InvalidApplication(faults)
    return _build(entries, numbers)


def number_in(text: str) -> float | None:
    """The number typed; commas part thousands, $ and % may stand around it. None where there is none."""
    match = _NUMBER.fullmatch(text)
    value = float(match["digits"].replace(",", "")) if match else None
    return value if value is not None and isfinite(value) else None


def suggested_upper_end(lower_end: str | None) -> str | None:
    """The upper end that usually goes with a lower end of the FICO band; None while that is no score yet."""
    low, field = number_in(_squeezed(lower_end)), FIELD_BY_NAME["fico_range_low"]
    if low is None or _number_fault(field, str(lower_end), low):
        return None
    return str(min(int(low) + BAND_WIDTH, 850))


def _squeezed(text: str | None) -> str:
    return "".join((text or "").split())


def _number_fault(field: NumberField | ChoiceField, text: str, value: float | None) -> str | None:
    if not isinstance(field, NumberField) or (not text and field.optional):
        return None
    if not text:
        return f"Missing: enter {field.allowed}"
    right = value is not None and field.minimum <= value <= field.maximum
    if not right or (field.whole and value != int(value or 0)):
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
