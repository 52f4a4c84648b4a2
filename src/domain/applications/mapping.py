"""The mapper between the values of a product's fields by name and the loan application."""

from collections.abc import Mapping
from typing import Any

from domain.applications.applicant import Applicant, CreditHistory, EmploymentLength, FicoBand, HomeOwnership
from domain.applications.loan_application import LoanApplication
from domain.applications.loan_terms import LoanTerms, Purpose, Term
from domain.applications.money import Money
from domain.products.product_definition import ProductDefinition

_TERMS = {term.label: term for term in Term}
_LENGTHS = {each.value: each for each in EmploymentLength}
_HOMES = {each.value: each for each in HomeOwnership}
_PURPOSES = {each.value: each for each in Purpose}


def application_from(product: ProductDefinition, values: Mapping[str, Any]) -> LoanApplication:  # noqa: ARG001 - types of one product until they derive from it
    """The loan application with these values by field, which are valid; None is a missing one."""
    return LoanApplication(
        applicant=Applicant(
            annual_income=Money.of(values["annual_inc"]),
            employment_length=_LENGTHS[values["emp_length"]],
            home_ownership=_HOMES[values["home_ownership"]],
            credit_history=CreditHistory(
                fico=FicoBand(values["fico_range_low"], values["fico_range_high"]),
                debt_to_income=values["dti"],
                revolving_utilisation=values["revol_util"],
                inquiries_last_6_months=values["inq_last_6mths"],
                delinquencies_last_2_years=values["delinq_2yrs"],
                public_records=values["pub_rec"],
            ),
        ),
        terms=LoanTerms(Money.of(values["loan_amnt"]), _TERMS[values["term"]], _PURPOSES[values["purpose"]]),
    )


def values_of(product: ProductDefinition, application: LoanApplication) -> dict[str, Any]:  # noqa: ARG001 - as above
    """The values of an application by field, as posted: words, dollars, and None for a missing one."""
    applicant, terms = application.applicant, application.terms
    history = applicant.credit_history
    return {
        "annual_inc": applicant.annual_income.dollars,
        "emp_length": applicant.employment_length.value,
        "home_ownership": applicant.home_ownership.value,
        "loan_amnt": terms.amount.dollars,
        "term": terms.term.label,
        "purpose": terms.purpose.value,
        "fico_range_low": history.fico.low,
        "fico_range_high": history.fico.high,
        "dti": history.debt_to_income,
        "revol_util": history.revolving_utilisation,
        "inq_last_6mths": history.inquiries_last_6_months,
        "delinq_2yrs": history.delinquencies_last_2_years,
        "pub_rec": history.public_records,
    }
