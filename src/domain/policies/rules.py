"""Policy rules: values that can be stored, compared, shown and approved.

A rule names a measure; a measure is plain arithmetic on named quantities, the same for one loan application
and for a column of a million.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from domain.arithmetic import Flag, Quantity
from domain.policies.outcome import Outcome
from domain.policies.reasons import ReasonCode


class Quantities(Protocol):
    """What rules may look at: one applicant's characteristics, or columns of them."""

    @property
    def annual_inc(self) -> Quantity:
        """Income, dollars a year."""

    @property
    def loan_amnt(self) -> Quantity:
        """The amount asked for, dollars."""

    @property
    def term(self) -> Quantity:
        """The loan's length in months."""

    @property
    def fico_range_low(self) -> Quantity:
        """The lower end of the FICO band."""

    @property
    def dti(self) -> Quantity:
        """Debt payments in percent of income, without this loan."""

    @property
    def delinq_2yrs(self) -> Quantity:
        """Delinquencies in two years."""

    @property
    def pub_rec(self) -> Quantity:
        """Derogatory public records."""


class UnknownMeasure(ValueError):
    """A rule names a measure that does not exist."""


class RuleWithoutConsequence(ValueError):
    """A rule that is not met must refer or decline."""


MEASURES: Mapping[str, bool] = {
    "annual income": False,
    "loan amount": True,
    "loan to income": True,
    "debt to income after": True,
    "FICO": False,
    "delinquencies in two years": False,
    "public records": False,
}
"""What a rule can look at, and whether another amount of the loan can change it."""


def measured(given: Quantities, amount: Quantity, instalment: Quantity) -> tuple[Quantity, ...]:
    """Every measure, in the order of `MEASURES`, of who would borrow an amount and pay an instalment.

    Dollars, and dollars a month; the instalment is known once the risk, and with it the rate, is. Without any
    income ratios are to one dollar, so that they are finite, and fail.
    """
    income = given.annual_inc + (given.annual_inc < 1) * 1.0
    return (
        given.annual_inc,
        amount,
        amount / income,
        given.dti / 100 + 12 * instalment / income,
        given.fico_range_low,
        given.delinq_2yrs,
        given.pub_rec,
    )


_PLACES = {measure: place for place, measure in enumerate(MEASURES)}


class Comparison(Enum):
    """On which side of its limit a measure must lie; the limit itself is allowed."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition of the policy, and what becomes of an application that does not meet it.

    `severity` is that of the outcome, `place` the measure's among MEASURES, `at_least` says the comparison.
    """

    name: str
    measure: str
    comparison: Comparison
    limit: float
    reason: ReasonCode
    otherwise: Outcome
    severity: int = field(init=False, repr=False, compare=False)
    place: int = field(init=False, repr=False, compare=False)
    at_least: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise UnknownMeasure(
                f"rule {self.name!r}: no measure {self.measure!r}; there are {', '.join(MEASURES)}"
            )
        if self.otherwise is Outcome.APPROVED:
            raise RuleWithoutConsequence(f"rule {self.name!r}: an application that does not meet it is approved")
        # Found once: a rule is asked often.
        object.__setattr__(self, "severity", self.otherwise.severity)
        object.__setattr__(self, "place", _PLACES[self.measure])
        object.__setattr__(self, "at_least", self.comparison is Comparison.AT_LEAST)

    @property
    def moves_with_amount(self) -> bool:
        """Whether an applicant may meet it at one amount and not at another."""
        return MEASURES[self.measure]

    def value(self, measures: tuple[Quantity, ...]) -> Quantity:
        """What the rule looks at, among what was `measured`."""
        return measures[self.place]

    def __str__(self) -> str:
        return f"{self.name}: {self.measure} {self.comparison.value} {self.limit:g}"


def held(rules: Sequence[Rule], measures: tuple[Quantity, ...]) -> list[Flag]:
    """Of each rule whether its condition is met by who was so `measured`."""
    return [
        measures[rule.place] >= rule.limit if rule.at_least else measures[rule.place] <= rule.limit
        for rule in rules
    ]
