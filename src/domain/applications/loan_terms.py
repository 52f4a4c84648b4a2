"""What is asked for: how much, for how long, and what for."""

from dataclasses import replace
from enum import Enum, IntEnum

from domain.applications.money import NOTHING, Money
from domain.value import value


class Term(IntEnum):
    """The loan's length in months."""

    THREE_YEARS = 36
    FIVE_YEARS = 60

    @property
    def label(self) -> str:
        """The term as LendingClub's files write it."""
        return f"{self.value} months"


class Purpose(Enum):
    """What the borrower says the money is for."""

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


class NothingAskedFor(ValueError):
    """A loan must be for more than nothing."""


@value
class LoanTerms:
    """The loan as asked for."""

    amount: Money
    term: Term
    purpose: Purpose

    def __post_init__(self) -> None:
        if self.amount == NOTHING:
            raise NothingAskedFor("a loan must be for more than $0.00")

    def with_amount(self, amount: Money) -> "LoanTerms":
        """The same loan for another amount."""
        return replace(self, amount=amount)
