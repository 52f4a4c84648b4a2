"""A loan application's fields as people read them: every value with its unit, in groups."""

from dataclasses import dataclass

from domain.applications.loan_application import LoanApplication
from entrypoints.ui.shared.formats import in_percent, money, number
from entrypoints.ui.shared.labels import characteristic, choice

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Applicant", ("annual_inc", "emp_length", "home_ownership")),
    ("Loan", ("loan_amnt", "term", "purpose")),
    (
        "Credit report",
        (
            "fico_range_low",
            "fico_range_high",
            "dti",
            "revol_util",
            "inq_last_6mths",
            "delinq_2yrs",
            "pub_rec",
        ),
    ),
)
"""The thirteen fields as the form and the decision group them."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something with a name, as one line of a list."""

    label: str
    value: str


def values_of(application: LoanApplication) -> dict[str, str]:
    """Every field's value with its unit, by the field's name."""
    applicant, terms = application.applicant, application.terms
    history = applicant.credit_history
    utilisation = history.revolving_utilisation
    return {
        "annual_inc": money(applicant.annual_income),
        "emp_length": choice("emp_length", applicant.employment_length.value),
        "home_ownership": choice("home_ownership", applicant.home_ownership.value),
        "loan_amnt": money(terms.amount),
        "term": terms.term.label,
        "purpose": choice("purpose", terms.purpose.value),
        "fico_range_low": str(history.fico.low),
        "fico_range_high": str(history.fico.high),
        "dti": in_percent(history.debt_to_income),
        "revol_util": "No revolving account" if utilisation is None else in_percent(utilisation),
        "inq_last_6mths": number(history.inquiries_last_6_months),
        "delinq_2yrs": number(history.delinquencies_last_2_years),
        "pub_rec": number(history.public_records),
    }


def grouped_values(application: LoanApplication) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    """The fields in their groups, the FICO band in one line."""
    values = values_of(application)
    values["fico_range_low"] += f" to {values['fico_range_high']}"
    return tuple(
        (title, tuple(Item(characteristic(name), values[name]) for name in names if name != "fico_range_high"))
        for title, names in GROUPS
    )
