"""The values of a loan application with units, in display groups."""

from dataclasses import dataclass

from domain.applications.loan_application import LoanApplication
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.ui.shared.formats import in_percent, money, number
from entrypoints.ui.shared.labels import characteristic_label, choice_label

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (title, tuple(field.name for field in fields)) for title, fields in PERSONAL_LOAN.groups.items()
)
"""The thirteen fields as grouped in the form and on the decision page."""


@dataclass(frozen=True, slots=True)
class Item:
    """A label and its value."""

    label: str
    value: str


def values_of(application: LoanApplication) -> dict[str, str]:
    """Each field's value with its unit, by field name."""
    applicant, terms = application.applicant, application.terms
    history = applicant.credit_history
    utilisation = history.revolving_utilisation
    return {
        "annual_inc": money(applicant.annual_income),
        "emp_length": choice_label("emp_length", applicant.employment_length.value),
        "home_ownership": choice_label("home_ownership", applicant.home_ownership.value),
        "loan_amnt": money(terms.amount),
        "term": terms.term.label,
        "purpose": choice_label("purpose", terms.purpose.value),
        "fico_range_low": str(history.fico.low),
        "fico_range_high": str(history.fico.high),
        "dti": in_percent(history.debt_to_income),
        "revol_util": "No revolving credit" if utilisation is None else in_percent(utilisation),
        "inq_last_6mths": number(history.inquiries_last_6_months),
        "delinq_2yrs": number(history.delinquencies_last_2_years),
        "pub_rec": number(history.public_records),
    }


def grouped_values(application: LoanApplication) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    """The fields in their groups, with the FICO range on one line."""
    values = values_of(application)
    values["fico_range_low"] += f" to {values['fico_range_high']}"
    return tuple(
        (
            title,
            tuple(Item(characteristic_label(name), values[name]) for name in names if name != "fico_range_high"),
        )
        for title, names in GROUPS
    )
