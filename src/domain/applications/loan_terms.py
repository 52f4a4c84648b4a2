"""The loan requested: amount, term and purpose."""

from dataclasses import dataclass
from enum import Enum, IntEnum

from domain.applications.money import ZERO, Money


class Term(IntEnum):
    """The loan's length in months."""

    THREE_YEARS = 36
    FIVE_YEARS = 60

    @property
    def label(self) -> str:
        """The term as it appears in LendingClub's files."""
        return f"{self.value} months"


class Purpose(Enum):
    """What the applicant says the loan is for."""

    DEBT_CONSOLIDATION = "debt_consolidation"
    CREDIT_CARD = "credit_card"
    HOME_IMPROVEMENT = "home_improvement"
    MAJOR_PURCHASE = "major_purchase"
    SMALL_BUSINESS = "small_business"
    CAR = "car"
    WEDDING = "wedding"
    MEDICAL = "medical"
    MOVING = "moving"
    HOUSE = "house"
    EDUCATIONAL = "educational"
    VACATION = "vacation"
    RENEWABLE_ENERGY = "renewable_energy"
    OTHER = "other"


class ZeroLoanAmount(ValueError):
    """The requested amount is $0.00."""


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """The loan as requested."""

    amount: Money
    term: Term
    purpose: Purpose

    def __post_init__(self) -> None:
        if self.amount == ZERO:
            raise ZeroLoanAmount("a loan must be for more than $0.00")
