"""Policy rules: values that can be stored, compared, shown and approved.

A rule names a measure; a measure is plain arithmetic on named quantities, the same for one loan application
and for a column of a million.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from domain.arithmetic import Flag, Quantity
from domain.policy.outcome import Outcome
from domain.risk.reasons import ReasonCode


@dataclass(frozen=True, slots=True)
class Quantities:
    """What rules may look at: one applicant's numbers, or columns of them.

    Dollars, months, percent, points and counts as in `domain.lending.fields`; `instalment` is dollars a month,
    known once the risk, and with it the rate, is.
    """

    annual_inc: Quantity
    loan_amnt: Quantity
    term: Quantity
    fico_range_low: Quantity
    dti: Quantity
    delinq_2yrs: Quantity
    pub_rec: Quantity
    instalment: Quantity = 0.0

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

    def asking_for(self, amount: Quantity) -> "Quantities":
        """The same applicant asking for another amount in dollars."""
        return self._with(amount, self.instalment)

    def paying(self, instalment: Quantity) -> "Quantities":
        """The same applicant paying this instalment in dollars a month."""
        return self._with(self.loan_amnt, instalment)

    def _with(self, loan_amnt: Quantity, instalment: Quantity) -> "Quantities":
        # Written out: `dataclasses.replace` takes four times as long, and the search for an amount asks often.
        return Quantities(
            self.annual_inc,
            loan_amnt,
            self.term,
            self.fico_range_low,
            self.dti,
            self.delinq_2yrs,
            self.pub_rec,
            instalment,
        )


class UnknownMeasure(ValueError):
    """A rule names a measure that does not exist."""


class RuleWithoutConsequence(ValueError):
    """A rule that is not met must refer or decline."""


def _income(quantities: Quantities) -> Quantity:
    """Annual income, where none counts as one dollar so that ratios to it are finite, and fail."""
    return quantities.annual_inc + (quantities.annual_inc < 1) * 1.0


MEASURES: Mapping[str, Callable[[Quantities], Quantity]] = {
    "annual income": lambda given: given.annual_inc,
    "loan amount": lambda given: given.loan_amnt,
    "loan to income": lambda given: given.loan_amnt / _income(given),
    "debt to income after": lambda given: given.dti / 100 + 12 * given.instalment / _income(given),
    "FICO": lambda given: given.fico_range_low,
    "delinquencies in two years": lambda given: given.delinq_2yrs,
    "public records": lambda given: given.pub_rec,
}


class Comparison(Enum):
    """On which side of its limit a measure must lie; the limit itself is allowed."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Rule:
    """One condition of the policy, and what becomes of an application that does not meet it."""

    name: str
    measure: str
    comparison: Comparison
    limit: float
    reason: ReasonCode
    otherwise: Outcome

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise UnknownMeasure(
                f"rule {self.name!r}: no measure {self.measure!r}; there are {', '.join(MEASURES)}"
            )
        if self.otherwise is Outcome.APPROVED:
            raise RuleWithoutConsequence(f"rule {self.name!r}: an application that does not meet it is approved")

    def holds(self, quantities: Quantities) -> Flag:
        """Whether the condition is met."""
        measured = MEASURES[self.measure](quantities)
        return measured >= self.limit if self.comparison is Comparison.AT_LEAST else measured <= self.limit

    def __str__(self) -> str:
        return f"{self.name}: {self.measure} {self.comparison.value} {self.limit:g}"
