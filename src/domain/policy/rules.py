"""Policy rules: values that can be stored, compared, shown and approved.

A rule names a measure; a measure is plain arithmetic on named quantities, the same for one loan application
and for a column of a million.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from domain.arithmetic import Flag, Quantity
from domain.policy.outcome import Outcome
from domain.risk.reasons import ReasonCode
from domain.value import value


@value
class Quantities:
    """What rules may look at: one applicant's numbers, or columns of them.

    Dollars, months, percent, points and counts as in `domain.lending.fields`.
    """

    annual_inc: Quantity
    loan_amnt: Quantity
    term: Quantity
    fico_range_low: Quantity
    dti: Quantity
    delinq_2yrs: Quantity
    pub_rec: Quantity

    @classmethod
    def of(cls, characteristics: Any) -> "Quantities":
        """The quantities among an applicant's characteristics, or among columns of the same names."""
        return cls(
            annual_inc=characteristics.annual_inc,
            loan_amnt=characteristics.loan_amnt,
            term=characteristics.term,
            fico_range_low=characteristics.fico_range_low,
            dti=characteristics.dti,
            delinq_2yrs=characteristics.delinq_2yrs,
            pub_rec=characteristics.pub_rec,
        )


class UnknownMeasure(ValueError):
    """A rule names a measure that does not exist."""


class RuleWithoutConsequence(ValueError):
    """A rule that is not met must refer or decline."""


def _income(quantities: Quantities) -> Quantity:
    """Annual income, where none counts as one dollar so that ratios to it are finite, and fail."""
    return quantities.annual_inc + (quantities.annual_inc < 1) * 1.0


@dataclass(frozen=True, slots=True)
class Measure:
    """What a rule looks at, `of` an applicant who would borrow an amount and pay an instalment.

    Dollars, and dollars a month; the instalment is known once the risk, and with it the rate, is.
    `moves_with_amount` says whether another amount can change it.
    """

    of: Callable[[Quantities, Quantity, Quantity], Quantity]
    moves_with_amount: bool = False


MEASURES: Mapping[str, Measure] = {
    "annual income": Measure(lambda given, _amount, _instalment: given.annual_inc),
    "loan amount": Measure(lambda _given, amount, _instalment: amount, moves_with_amount=True),
    "loan to income": Measure(lambda given, amount, _: amount / _income(given), moves_with_amount=True),
    "debt to income after": Measure(
        lambda given, _, instalment: given.dti / 100 + 12 * instalment / _income(given), moves_with_amount=True
    ),
    "FICO": Measure(lambda given, _amount, _instalment: given.fico_range_low),
    "delinquencies in two years": Measure(lambda given, _amount, _instalment: given.delinq_2yrs),
    "public records": Measure(lambda given, _amount, _instalment: given.pub_rec),
}


class Comparison(Enum):
    """On which side of its limit a measure must lie; the limit itself is allowed."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition of the policy, and what becomes of an application that does not meet it.

    `severity` is that of the outcome.
    """

    name: str
    measure: str
    comparison: Comparison
    limit: float
    reason: ReasonCode
    otherwise: Outcome
    severity: int = field(init=False, repr=False, compare=False)
    _measured: Callable[[Quantities, Quantity, Quantity], Quantity] = field(init=False, repr=False, compare=False)
    _at_least: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise UnknownMeasure(
                f"rule {self.name!r}: no measure {self.measure!r}; there are {', '.join(MEASURES)}"
            )
        if self.otherwise is Outcome.APPROVED:
            raise RuleWithoutConsequence(f"rule {self.name!r}: an application that does not meet it is approved")
        # Found once: a rule is asked often.
        object.__setattr__(self, "severity", self.otherwise.severity)
        object.__setattr__(self, "_measured", MEASURES[self.measure].of)
        object.__setattr__(self, "_at_least", self.comparison is Comparison.AT_LEAST)

    @property
    def moves_with_amount(self) -> bool:
        """Whether an applicant may meet it at one amount and not at another."""
        return MEASURES[self.measure].moves_with_amount

    def holds(self, quantities: Quantities, amount: Quantity, instalment: Quantity) -> Flag:
        """Whether the condition is met by who would borrow this amount and pay this instalment, in dollars."""
        measured = self._measured(quantities, amount, instalment)
        return measured >= self.limit if self._at_least else measured <= self.limit

    def __str__(self) -> str:
        return f"{self.name}: {self.measure} {self.comparison.value} {self.limit:g}"
