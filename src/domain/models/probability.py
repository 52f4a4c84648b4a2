"""The probability of default and how sure of it the model is."""

from dataclasses import dataclass

from domain.arithmetic import Quantity, logistic
from domain.value import value


class InvalidProbability(ValueError):
    """The number does not lie strictly between 0 and 1."""


@value(order=True)
class ProbabilityOfDefault:
    """The chance that the loan is charged off or defaults within its term; strictly between 0 and 1."""

    value: float

    def __post_init__(self) -> None:
        if not 0.0 < self.value < 1.0:
            raise InvalidProbability(f"a probability of default lies between 0 and 1: {self.value}")


@value
class PdInterval:
    """Where the PD lies with 90 % confidence, given how much the model would change with other loans."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0.0 < self.low <= self.high < 1.0:
            raise InvalidProbability(f"an interval of PD lies between 0 and 1, low first: {self.low}, {self.high}")


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Half the width of the 90 % interval of the log-odds, as a quadratic in the log-odds.

    Fitted to the spread of models refitted on resampled loans, calibration included.
    """

    constant: float
    linear: float
    quadratic: float

    def half_width(self, log_odds: Quantity) -> Quantity:
        """How far either end of the interval lies from the log-odds."""
        return self.constant + self.linear * log_odds + self.quadratic * log_odds * log_odds

    def bounds(self, log_odds: Quantity) -> tuple[Quantity, Quantity]:
        """The interval's two probabilities, low first."""
        half = self.half_width(log_odds)
        return logistic(log_odds - half), logistic(log_odds + half)
