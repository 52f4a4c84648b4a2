"""The request body of a loan application: thirteen fields with the limits of `domain.applications.fields`."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from domain.applications.applicant import Applicant, CreditHistory, EmploymentLength, FicoBand, HomeOwnership
from domain.applications.fields import FIELD_BY_NAME, ChoiceField
from domain.applications.loan_application import LoanApplication
from domain.applications.loan_terms import LoanTerms, Purpose, Term
from domain.applications.money import Money
from domain.products.personal_loan import PERSONAL_LOAN

TERMS = {term.label: term for term in Term}
EXAMPLE = PERSONAL_LOAN.example


def _field(name: str) -> Meta:
    field = FIELD_BY_NAME[name]
    if isinstance(field, ChoiceField):
        return Meta(description=f"{field.label}. {field.hint}", examples=[EXAMPLE[name]])
    return Meta(
        ge=field.minimum,
        le=field.maximum,
        description=f"{field.label}, {field.unit}. {field.hint}",
        examples=[EXAMPLE[name]],
    )


class LoanApplicationBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A loan application in the fields and formats of LendingClub's files."""

    annual_inc: Annotated[float, _field("annual_inc")]
    emp_length: Annotated[EmploymentLength, _field("emp_length")]
    home_ownership: Annotated[HomeOwnership, _field("home_ownership")]
    loan_amnt: Annotated[float, _field("loan_amnt")]
    term: Annotated[str, _field("term"), Meta(extra_json_schema={"enum": list(TERMS)})]
    purpose: Annotated[Purpose, _field("purpose")]
    fico_range_low: Annotated[int, _field("fico_range_low")]
    fico_range_high: Annotated[int, _field("fico_range_high")]
    dti: Annotated[float, _field("dti")]
    inq_last_6mths: Annotated[int, _field("inq_last_6mths")]
    delinq_2yrs: Annotated[int, _field("delinq_2yrs")]
    pub_rec: Annotated[int, _field("pub_rec")]
    revol_util: Annotated[float, _field("revol_util")] | UnsetType | None = UNSET


def to_loan_application(body: LoanApplicationBody) -> LoanApplication:
    """The loan application of a body; raises KeyError for an unknown term and InvalidFicoBand."""
    return LoanApplication(
        applicant=Applicant(
            annual_income=Money.of(body.annual_inc),
            employment_length=body.emp_length,
            home_ownership=body.home_ownership,
            credit_history=CreditHistory(
                fico=FicoBand(body.fico_range_low, body.fico_range_high),
                debt_to_income=body.dti,
                revolving_utilisation=None if body.revol_util is UNSET else body.revol_util,
                inquiries_last_6_months=body.inq_last_6mths,
                delinquencies_last_2_years=body.delinq_2yrs,
                public_records=body.pub_rec,
            ),
        ),
        terms=LoanTerms(Money.of(body.loan_amnt), TERMS[body.term.lstrip(" ")], body.purpose),
    )


def to_body(application: LoanApplication) -> LoanApplicationBody:
    """The body of a loan application."""
    applicant, terms = application.applicant, application.terms
    history = applicant.credit_history
    return LoanApplicationBody(
        annual_inc=applicant.annual_income.dollars,
        emp_length=applicant.employment_length,
        home_ownership=applicant.home_ownership,
        loan_amnt=terms.amount.dollars,
        term=terms.term.label,
        purpose=terms.purpose,
        fico_range_low=history.fico.low,
        fico_range_high=history.fico.high,
        dti=history.debt_to_income,
        inq_last_6mths=history.inquiries_last_6_months,
        delinq_2yrs=history.delinquencies_last_2_years,
        pub_rec=history.public_records,
        revol_util=history.revolving_utilisation,
    )
