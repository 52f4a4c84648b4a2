"""The model's named inputs, as numbers and words.

The upper end of the FICO band is not an input, because the files fix it at four points above the lower end.
"""

from domain.applications.loan_application import LoanApplication
from domain.products.personal_loan import PERSONAL_LOAN
from domain.value import value


@value
class Characteristics:
    """The inputs for one applicant, in the order of `CHARACTERISTIC_NAMES`.

    Dollars, percent, points, months and counts as in `domain.applications.fields`; `emp_length` is in years. NaN
    in `emp_length` and `revol_util` means that the value was not provided.
    """

    annual_inc: float
    emp_length: float
    home_ownership: str
    loan_amnt: float
    term: float
    purpose: str
    fico_range_low: float
    dti: float
    revol_util: float
    inq_last_6mths: float
    delinq_2yrs: float
    pub_rec: float

    @classmethod
    def of(cls, application: LoanApplication) -> "Characteristics":
        """The characteristics of a loan application."""
        applicant, terms = application.applicant, application.terms
        history = applicant.credit_history
        utilization = history.revolving_utilisation
        return cls(
            annual_inc=applicant.annual_income.dollars,
            emp_length=applicant.employment_length.years,
            home_ownership=applicant.home_ownership.value,
            loan_amnt=terms.amount.dollars,
            term=float(terms.term),
            purpose=terms.purpose.value,
            fico_range_low=float(history.fico.low),
            dti=history.debt_to_income,
            revol_util=float("nan") if utilization is None else utilization,
            inq_last_6mths=float(history.inquiries_last_6_months),
            delinq_2yrs=float(history.delinquencies_last_2_years),
            pub_rec=float(history.public_records),
        )


CHARACTERISTIC_NAMES = PERSONAL_LOAN.characteristic_names
CATEGORICAL_NAMES = PERSONAL_LOAN.categorical_names
