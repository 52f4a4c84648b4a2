"""The risk of one application as a function of the loan amount: a step function that never falls."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass


class InvalidRiskByAmount(ValueError):
    """There must be one log-odds more than there are cuts."""


@dataclass(frozen=True, slots=True)
class RiskByAmount:
    """Calibrated log-odds of default: `log_odds[n]` up to and including `cuts[n]` dollars, the last beyond."""

    cuts: Sequence[float]
    log_odds: Sequence[float]

    def __post_init__(self) -> None:
        if len(self.log_odds) != len(self.cuts) + 1:
            raise InvalidRiskByAmount(f"{len(self.cuts)} cuts do not go with {len(self.log_odds)} log-odds")

    def at(self, amount: float) -> float:
        """The log-odds for a loan of this amount in dollars."""
        return self.log_odds[bisect_left(self.cuts, amount)]
