"""The thirteen fields of a loan application: names, labels, units, limits and hints.

The API, the web interface and the file readers all use these. Names and formats are those of LendingClub's files.
"""

from dataclasses import dataclass

from domain.applications.applicant import EmploymentLength, HomeOwnership
from domain.applications.loan_terms import Purpose, Term


@dataclass(frozen=True, slots=True)
class NumberField:
    """A number with inclusive limits. `whole` numbers have no fraction; `optional` ones may be missing."""

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    hint: str
    whole: bool = False
    optional: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values, for an error message."""
        kind = "a whole number" if self.whole else "a number"
        missing = ", or nothing" if self.optional else ""
        return f"{kind} from {self.minimum:,.0f} to {self.maximum:,.0f}{missing}"


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """One of a fixed list of words."""

    name: str
    label: str
    choices: tuple[str, ...]
    hint: str

    @property
    def allowed(self) -> str:
        """The allowed values, for an error message."""
        return "one of " + ", ".join(self.choices)


Field = NumberField | ChoiceField

FIELDS: tuple[Field, ...] = (
    NumberField(
        "annual_inc",
        "Annual income",
        "$ per year",
        0,
        100_000_000,
        "Before tax. For a joint application, household income.",
    ),
    ChoiceField(
        "emp_length",
        "Length of employment",
        tuple(length.value for length in EmploymentLength),
        "Years with current employer; n/a if not provided.",
    ),
    ChoiceField(
        "home_ownership",
        "Home ownership",
        tuple(home.value for home in HomeOwnership),
        "Applicant's housing status.",
    ),
    NumberField("loan_amnt", "Requested amount", "$", 1, 1_000_000, "Amount the applicant requests."),
    ChoiceField(
        "term", "Repayment term", tuple(term.label for term in Term), "Time over which the loan is repaid."
    ),
    ChoiceField("purpose", "Loan purpose", tuple(purpose.value for purpose in Purpose), "Main use of the loan."),
    NumberField("fico_range_low", "FICO score (low)", "points", 300, 850, "From the credit report.", whole=True),
    NumberField(
        "fico_range_high",
        "FICO score (high)",
        "points",
        300,
        850,
        "Must be at least the low score. Ranges usually span five points.",
        whole=True,
    ),
    NumberField(
        "dti",
        "Debt-to-income ratio",
        "%",
        0,
        999,
        "Monthly debt payments as % of gross income, before this loan.",
    ),
    NumberField(
        "revol_util",
        "Revolving utilization",
        "%",
        0,
        1000,
        "Card balances as % of limits. Leave blank if no revolving credit.",
        optional=True,
    ),
    NumberField("inq_last_6mths", "Inquiries", "in 6 months", 0, 100, "Credit inquiries by lenders.", whole=True),
    NumberField(
        "delinq_2yrs",
        "Delinquencies",
        "in 2 years",
        0,
        100,
        "Payments 30 or more days past due.",
        whole=True,
    ),
    NumberField("pub_rec", "Public records", "records", 0, 100, "Bankruptcies, liens, judgments.", whole=True),
)
FIELD_NAMES = tuple(field.name for field in FIELDS)
FIELD_BY_NAME = {field.name: field for field in FIELDS}
