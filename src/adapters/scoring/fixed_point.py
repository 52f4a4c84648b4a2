"""Fixed point: log-odds as whole multiples of 2**-45, so that sums do not depend on their order.

Leaf values and contributions are int64 counts of this unit (2.8e-14). Integer addition is associative, so one
row by NumPy, a million by numba and any replica give the same bits, and contributions add up exactly. A float
holds 53 bits: every sum below 2**8 in size, far beyond any log-odds met, turns into a float without rounding.
"""

import numpy as np
from numpy.typing import NDArray

UNIT = 2.0**-45
"""One step of the log-odds."""

LARGEST = 2.0**8
"""Log-odds, and each contribution, must stay below this in size to be exact as floats."""

Fixed = NDArray[np.int64]
Floats = NDArray[np.float64]


class OutOfFixedPoint(ValueError):
    """A number too large, or not a number, to be held exactly."""


def to_fixed(values: Floats) -> Fixed:
    """The nearest multiples of the unit."""
    if not bool(np.all(np.abs(values) < LARGEST)):
        raise OutOfFixedPoint(f"log-odds and contributions must be finite and below {LARGEST:g} in size")
    return np.rint(values / UNIT).astype(np.int64)
