"""Arithmetic that gives the same bits for one number and for a column, on any machine.

Only + - * / and comparisons are used: IEEE 754 fixes their results to the last bit, while `exp` and `log` of
two libraries (or of one library on two processors) may differ there. A decision can then be replayed anywhere.
"""

from collections.abc import Sequence
from math import factorial
from typing import Any, TypeAlias

Quantity: TypeAlias = Any
"""A float, or a column of floats: whatever knows + - * / and comparison, element by element."""

Flag: TypeAlias = Any
"""A bool, or a column of bools."""

_HALVINGS = 6
_COEFFICIENTS = tuple(1.0 / factorial(power) for power in range(14, -1, -1))
"""Of the Taylor series of the exponential, the highest power first."""


def exponential(x: Quantity) -> Quantity:
    """e to the power x, for |x| up to 40, within 1e-13 of the true value.

    A Taylor series near nought, squared back up: exp(x) = exp(x / 64) ** 64.
    """
    small = x / 2**_HALVINGS
    total = 0.0
    for coefficient in _COEFFICIENTS:
        total = total * small + coefficient
    for _ in range(_HALVINGS):
        total = total * total
    return total


def logistic(log_odds: Quantity) -> Quantity:
    """The probability whose odds have this natural logarithm."""
    return 1.0 / (1.0 + exponential(-log_odds))


def steps_reached(value: Quantity, thresholds: Sequence[float]) -> Quantity:
    """How many of the thresholds the value has reached: the index of its band."""
    index = 0 * (value >= 0)
    for threshold in thresholds:
        index = index + 1 * (value >= threshold)
    return index


def choose(index: Quantity, values: Sequence[float]) -> Quantity:
    """The value at an index; exact, since all terms but one are nought."""
    chosen = (index == 0) * values[0]
    for position in range(1, len(values)):
        chosen = chosen + (index == position) * values[position]
    return chosen


def both(left: Flag, right: Flag) -> Flag:
    """Whether both flags hold."""
    return left & right


def compound(rate: float, periods: int) -> float:
    """(1 + rate) ** periods by plain multiplication, so that every replica gets the same bits."""
    total = 1.0
    for _ in range(periods):
        total *= 1.0 + rate
    return total
