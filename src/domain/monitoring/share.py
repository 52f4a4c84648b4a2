"""Shares with their intervals."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""The normal deviate of a two-sided 95 % interval."""


def wilson_interval(count: int, total: int) -> tuple[float, float] | None:
    """The 95 % interval of a share after Wilson (1927), which is sound for small numbers too; None without any."""
    if not total:
        return None
    share, square = count / total, _Z * _Z / total
    middle = share + square / 2
    spread = _Z * sqrt(share * (1 - share) / total + square / (4 * total))
    low, high = (middle - spread) / (1 + square), (middle + spread) / (1 + square)
    return max(low, 0.0), min(high, 1.0)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a total."""

    count: int = 0
    total: int = 0

    @property
    def rate(self) -> float | None:
        """The share; None without a total."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its 95 % interval."""
        return wilson_interval(self.count, self.total)


NO_SHARE = Share()
