"""Arithmetic that gives the same bits for one number and for a column, on any machine.

Only + - * / and comparisons are used: IEEE 754 fixes their results to the last bit, while `exp` and `log` of
two libraries (or of one library on two processors) may differ there. A decision can then be replayed anywhere.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, TypeAlias

Quantity: TypeAlias = Any
"""A float or a column of floats: any type with + - * / and comparison, element by element."""

Flag: TypeAlias = Any
"""A bool or a column of bools, combined with `&`."""


def exponential(x: Quantity) -> Quantity:
    """e to the power x, for |x| up to 40, with a relative error within 1e-13.

    A Taylor series to the fourteenth power around 0, then squared six times: exp(x) = exp(x / 64) ** 64. It is
    unrolled because every decision computes it several times and a loop takes twice as long.
    """
    small = x / 64
    total = small * (1.0 / 87178291200.0) + 1.0 / 6227020800.0
    total = (total * small + 1.0 / 479001600.0) * small + 1.0 / 39916800.0
    total = (total * small + 1.0 / 3628800.0) * small + 1.0 / 362880.0
    total = (total * small + 1.0 / 40320.0) * small + 1.0 / 5040.0
    total = (total * small + 1.0 / 720.0) * small + 1.0 / 120.0
    total = (total * small + 1.0 / 24.0) * small + 1.0 / 6.0
    total = (total * small + 0.5) * small + 1.0
    total = total * small + 1.0
    total = total * total
    total = total * total
    total = total * total
    total = total * total
    total = total * total
    return total * total


def logistic(log_odds: Quantity) -> Quantity:
    """The probability whose odds have this natural logarithm."""
    return 1.0 / (1.0 + exponential(-log_odds))


def natural_logarithm(number: float) -> float:
    """The natural logarithm of a number from 1e-9 to 1e9, with a relative error within 1e-12.

    Halley's method on `exponential` from 0: each step moves by less than 2 and triples the correct digits.
    """
    power = 0.0
    for _ in range(30):
        reached = exponential(power)
        power += 2.0 * (number - reached) / (number + reached)
    return power


_FURTHEST = 7.0
"""Beyond this many standard deviations the probability is that at this distance, 1.3e-12."""


def normal_distribution(deviations: Quantity) -> Quantity:
    """The probability that a normal variable is at most so many standard deviations above its mean.

    Hart's rational approximation for double precision (J. F. Hart, Computer Approximations, 1968, no. 5666), as
    given by G. West, "Better approximations to cumulative normal functions", Wilmott Magazine, May 2005. The
    absolute error is within 1e-12.
    """
    x = abs(deviations)
    x = x - (x > _FURTHEST) * (x - _FURTHEST)
    above = x * 3.52624965998911e-02 + 0.700383064443688
    above = (above * x + 6.37396220353165) * x + 33.912866078383
    above = (above * x + 112.079291497871) * x + 221.213596169931
    above = above * x + 220.206867912376
    below = x * 8.83883476483184e-02 + 1.75566716318264
    below = (below * x + 16.064177579207) * x + 86.7807322029461
    below = (below * x + 296.564248779674) * x + 637.333633378831
    below = (below * x + 793.826512519948) * x + 440.413735824752
    tail = exponential(x * x * -0.5) * above / below
    return tail + (deviations > 0) * (1.0 - tail - tail)


def steps_reached(value: Quantity, thresholds: Sequence[float]) -> Quantity:
    """How many thresholds the value has reached, which is the index of its band."""
    if type(value) is float:
        return bisect_right(thresholds, value)
    index = 0 * (value >= 0)
    for threshold in thresholds:
        index = index + 1 * (value >= threshold)
    return index


def choose(index: Quantity, values: Sequence[float]) -> Quantity:
    """The value at an index. In a column it is exact too, because all terms but one are zero."""
    if type(index) is int:
        return values[index]
    chosen = (index == 0) * values[0]
    for position in range(1, len(values)):
        chosen = chosen + (index == position) * values[position]
    return chosen


def compound(rate: float, periods: int) -> float:
    """(1 + rate) ** periods by repeated multiplication, so that every replica gets the same bits."""
    total = 1.0
    for _ in range(periods):
        total *= 1.0 + rate
    return total
