"""The applicant: income, employment, housing and credit report."""

from dataclasses import dataclass
from enum import Enum
from math import inf

from domain.applications.money import Money
from domain.value import value


class HomeOwnership(Enum):
    """The applicant's housing status."""

    MORTGAGE = "MORTGAGE"
    RENT = "RENT"
    OWN = "OWN"
    OTHER = "OTHER"
    NONE = "NONE"
    ANY = "ANY"


class EmploymentLength(Enum):
    """Time with the current employer, in the bands of LendingClub's files."""

    LESS_THAN_1_YEAR = "< 1 year"
    YEARS_1 = "1 year"
    YEARS_2 = "2 years"
    YEARS_3 = "3 years"
    YEARS_4 = "4 years"
    YEARS_5 = "5 years"
    YEARS_6 = "6 years"
    YEARS_7 = "7 years"
    YEARS_8 = "8 years"
    YEARS_9 = "9 years"
    YEARS_10_OR_MORE = "10+ years"
    NOT_GIVEN = "n/a"

    @property
    def years(self) -> float:
        """Whole years, 0 to 10; NaN if not provided."""
        return _YEARS[self.value]


_YEARS = {
    length.value: float("nan") if length is EmploymentLength.NOT_GIVEN else float(index)
    for index, length in enumerate(EmploymentLength)
}


class InvalidFicoBand(ValueError):
    """The two scores do not form a band."""


@dataclass(frozen=True, slots=True)
class FicoBand:
    """A band of FICO scores within 300 to 850. LendingClub publishes bands of five points."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not 300 <= self.low <= self.high <= 850:
            raise InvalidFicoBand(f"a FICO band lies within 300 to 850, low first: {self.low} to {self.high}")


class InvalidCreditHistory(ValueError):
    """A figure of the credit report is negative or not finite."""


@value
class CreditHistory:
    """The applicant's credit report.

    `debt_to_income` and `revolving_utilisation` are percentages; the latter is None without a revolving account.
    The counts cover inquiries in six months, delinquencies of 30 days or more in two years, and derogatory public
    records.
    """

    fico: FicoBand
    debt_to_income: float
    revolving_utilisation: float | None
    inquiries_last_6_months: int
    delinquencies_last_2_years: int
    public_records: int

    def __post_init__(self) -> None:
        utilization = 0.0 if self.revolving_utilisation is None else self.revolving_utilisation
        if not (
            0 <= self.debt_to_income < inf
            and 0 <= utilization < inf
            and 0 <= self.inquiries_last_6_months < inf
            and 0 <= self.delinquencies_last_2_years < inf
            and 0 <= self.public_records < inf
        ):
            raise InvalidCreditHistory(f"figures of a credit report are finite and not negative: {self}")


@value
class Applicant:
    """The person who applies for a loan, or the household for a joint application."""

    annual_income: Money
    employment_length: EmploymentLength
    home_ownership: HomeOwnership
    credit_history: CreditHistory
