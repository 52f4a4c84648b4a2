"""Policy rules, as values that can be stored, compared and displayed.

A rule compares a measure with a limit. A measure is arithmetic on named quantities, the same for one loan
application and for columns of a million.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from domain.arithmetic import Flag, Quantity
from domain.policies.outcome import Outcome
from domain.policies.reasons import ReasonCode


class Quantities(Protocol):
    """What rules may use: the characteristics of one applicant, or columns of them."""

    @property
    def annual_inc(self) -> Quantity:
        """Income in dollars per year."""

    @property
    def loan_amnt(self) -> Quantity:
        """The requested amount in dollars."""

    @property
    def term(self) -> Quantity:
        """The term in months."""

    @property
    def fico_range_low(self) -> Quantity:
        """The lower end of the FICO band."""

    @property
    def dti(self) -> Quantity:
        """Debt payments in percent of income, before this loan."""

    @property
    def delinq_2yrs(self) -> Quantity:
        """Delinquencies in two years."""

    @property
    def pub_rec(self) -> Quantity:
        """Derogatory public records."""


class InvalidRuleName(ValueError):
    """A rule has no name, or two rules of a policy have the same name."""


class UnknownMeasure(ValueError):
    """A rule names a measure that does not exist."""


class RuleWithoutConsequence(ValueError):
    """A rule that is not met would approve."""


MEASURES: Mapping[str, bool] = {
    "annual income": False,
    "loan amount": True,
    "loan to income": True,
    "debt to income after": True,
    "FICO": False,
    "delinquencies in two years": False,
    "public records": False,
}
"""The measures that a rule can use, and whether they depend on the loan amount."""


def measures_of(quantities: Quantities, amount: Quantity, instalment: Quantity) -> tuple[Quantity, ...]:
    """Every measure, in the order of `MEASURES`, for a loan of `amount` dollars with a monthly `instalment`.

    The instalment follows from the risk, which determines the rate. An income below one dollar counts as one more
    dollar in ratios, so that they are finite and fail.
    """
    income = quantities.annual_inc + (quantities.annual_inc < 1) * 1.0
    return (
        quantities.annual_inc,
        amount,
        amount / income,
        quantities.dti / 100 + 12 * instalment / income,
        quantities.fico_range_low,
        quantities.delinq_2yrs,
        quantities.pub_rec,
    )


_MEASURE_INDEX = {measure: index for index, measure in enumerate(MEASURES)}


class Comparison(Enum):
    """The side of the limit on which a measure must lie; the limit itself is allowed."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition of the policy, with the outcome and reason for an application that does not meet it.

    `severity` is that of the outcome, `measure_index` the position of the measure in MEASURES, and `at_least`
    whether the comparison is AT_LEAST. They are derived once, because every decision uses them.
    """

    name: str
    measure: str
    comparison: Comparison
    limit: float
    reason: ReasonCode
    otherwise: Outcome
    severity: int = field(init=False, repr=False, compare=False)
    measure_index: int = field(init=False, repr=False, compare=False)
    at_least: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidRuleName("a rule must have a name")
        if self.measure not in MEASURES:
            raise UnknownMeasure(
                f"rule {self.name!r}: unknown measure {self.measure!r}; the measures are {', '.join(MEASURES)}"
            )
        if self.otherwise is Outcome.APPROVED:
            raise RuleWithoutConsequence(
                f"rule {self.name!r}: an application that does not meet it must be referred or declined"
            )
        object.__setattr__(self, "severity", self.otherwise.severity)
        object.__setattr__(self, "measure_index", _MEASURE_INDEX[self.measure])
        object.__setattr__(self, "at_least", self.comparison is Comparison.AT_LEAST)

    @property
    def depends_on_amount(self) -> bool:
        """Whether an applicant may meet the rule at one loan amount and not at another."""
        return MEASURES[self.measure]

    def value(self, measures: tuple[Quantity, ...]) -> Quantity:
        """The rule's measure among `measures`, which `measures_of` returns."""
        return measures[self.measure_index]

    def __str__(self) -> str:
        return f"{self.name}: {self.measure} {self.comparison.value} {self.limit:g}"


def evaluate_rules(rules: Sequence[Rule], measures: tuple[Quantity, ...]) -> list[Flag]:
    """Whether each rule is met."""
    return [
        measures[rule.measure_index] >= rule.limit if rule.at_least else measures[rule.measure_index] <= rule.limit
        for rule in rules
    ]
