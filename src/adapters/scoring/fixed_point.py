"""Fixed point: log-odds as integer multiples of 2**-45, so that sums do not depend on their order.

Leaf values and contributions are int64 counts of this unit (2.8e-14). Integer addition is associative, so one row
in NumPy, a million in numba and any replica give the same bits, and contributions add up exactly. A float has 53
bits: every sum below 2**8 in size, far above any real log-odds, converts to a float without rounding.
"""

import numpy as np
from numpy.typing import NDArray

UNIT = 2.0**-45
"""One step of the log-odds."""

LIMIT = 2.0**8
"""Log-odds and contributions must be smaller than this in size to be exact as floats."""

_EXACT_INTEGERS = 2**53

Fixed = NDArray[np.int64]
Floats = NDArray[np.float64]


class FixedPointOverflow(ValueError):
    """A number that is too large or not finite, so it cannot be represented exactly."""


def to_fixed(values: Floats) -> Fixed:
    """The nearest multiples of the unit."""
    if not bool(np.all(np.abs(values) < LIMIT)):
        raise FixedPointOverflow(f"log-odds and contributions must be finite and below {LIMIT:g} in size")
    return np.rint(values / UNIT).astype(np.int64)


def exact_floats(states: Fixed, first_state: NDArray[np.int32]) -> Floats:
    """The states' values (states, columns) as floats whose sums over the trees, one state each, are exact.

    Every partial sum is an integer number of units that a float can represent, so any order of addition, fused or
    not, gives the same bits as integers. `first_state` (trees + 1,) assigns the states to trees.
    """
    largest = np.maximum.reduceat(np.abs(states), first_state[:-1], axis=0).sum(axis=0)
    if not bool(np.all(largest < _EXACT_INTEGERS)):
        raise FixedPointOverflow("sums over the trees would not be exact as floats")
    floats: Floats = states.astype(np.float64) * UNIT
    return floats
