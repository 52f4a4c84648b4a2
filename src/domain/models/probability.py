"""The probability of default and its uncertainty."""

from dataclasses import dataclass

from domain.arithmetic import Quantity, logistic


class InvalidProbability(ValueError):
    """The number is not strictly between 0 and 1."""


@dataclass(frozen=True, slots=True, order=True)
class ProbabilityOfDefault:
    """The probability that the loan is charged off or defaults within its term; strictly between 0 and 1."""

    value: float

    def __post_init__(self) -> None:
        if not 0.0 < self.value < 1.0:
            raise InvalidProbability(f"a probability of default lies between 0 and 1: {self.value}")


@dataclass(frozen=True, slots=True)
class PdInterval:
    """The range that contains the PD with 90 % confidence, given how the model varies with its training data."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0.0 < self.low <= self.high < 1.0:
            raise InvalidProbability(f"an interval of PD lies between 0 and 1, low first: {self.low}, {self.high}")


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Half the width of the 90 % interval of the log-odds, as a quadratic function of the log-odds.

    Fitted to the spread of models that were trained and calibrated on resampled loans.
    """

    constant: float
    linear: float
    quadratic: float

    def half_width(self, log_odds: Quantity) -> Quantity:
        """The distance of either end of the interval from the log-odds."""
        return self.constant + self.linear * log_odds + self.quadratic * log_odds * log_odds

    def bounds(self, log_odds: Quantity) -> tuple[Quantity, Quantity]:
        """The two ends of the interval as probabilities, low first."""
        half = self.half_width(log_odds)
        return logistic(log_odds - half), logistic(log_odds + half)
