"""Who asks: income, employment, home, and the credit bureau's report."""

from enum import Enum
from math import inf

from domain.applications.money import Money
from domain.value import value


class HomeOwnership(Enum):
    """How the applicant is housed."""

    MORTGAGE = "MORTGAGE"
    RENT = "RENT"
    OWN = "OWN"
    OTHER = "OTHER"
    NONE = "NONE"
    ANY = "ANY"


class EmploymentLength(Enum):
    """Time with the present employer, in the bands of LendingClub's files."""

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
        """Whole years, 0 to 10; not a number where the applicant gave none."""
        return _YEARS[self._value_]


_YEARS = {
    length.value: float("nan") if length is EmploymentLength.NOT_GIVEN else float(index)
    for index, length in enumerate(EmploymentLength)
}


class InvalidFicoBand(ValueError):
    """The two scores do not make a band."""


@value
class FicoBand:
    """The credit bureau's score as a band, 300 to 850; LendingClub publishes bands of five points."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not 300 <= self.low <= self.high <= 850:
            raise InvalidFicoBand(f"a FICO band lies within 300 to 850, low first: {self.low} to {self.high}")


class InvalidCreditHistory(ValueError):
    """A figure of the credit report is impossible."""


@value
class CreditHistory:
    """What the credit bureau reports.

    `debt_to_income` and `revolving_utilisation` are in percent; utilisation is None where the applicant has no
    revolving account. The counts are inquiries in six months, delinquencies of 30 days or more in two years, and
    derogatory public records.
    """

    fico: FicoBand
    debt_to_income: float
    revolving_utilisation: float | None
    inquiries_last_6_months: int
    delinquencies_last_2_years: int
    public_records: int

    def __post_init__(self) -> None:
        utilisation = 0.0 if self.revolving_utilisation is None else self.revolving_utilisation
        if not (
            0 <= self.debt_to_income < inf
            and 0 <= utilisation < inf
            and 0 <= self.inquiries_last_6_months < inf
            and 0 <= self.delinquencies_last_2_years < inf
            and 0 <= self.public_records < inf
        ):
            raise InvalidCreditHistory(f"figures of a credit report are finite and not negative: {self}")


@value
class Applicant:
    """The person, or for a joint application the household, that asks."""

    annual_income: Money
    employment_length: EmploymentLength
    home_ownership: HomeOwnership
    credit_history: CreditHistory
