"""Finds the place where the values of a column change to another unit, as where two files were joined."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Lines = npt.NDArray[np.int64]
_LEAST, _LEAST_LATER = 5, 8
"""Values that have to be small one after another, in the first rows and later: in more rows chance does more."""
_FIRST_ROWS = 10_000
_CLEARLY = 2.0
"""The value beside them is greater than the limit by this factor, so that a sorted column has no jump."""


@dataclass(slots=True)
class Jumps:
    """Looks block by block for a jump between values up to `limit` and greater ones; `line` is the first one's.

    Values in order do not count, because a file may be sorted within groups.
    """

    limit: float
    line: int | None = None
    _seen: int = 0
    _values: Numbers = field(default_factory=lambda: np.empty(0))
    _lines: Lines = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, values: Numbers, lines: Lines) -> None:
        """Add the next values and the lines they are in."""
        if self.line is not None or not len(values):
            return
        least = _LEAST if self._seen < _FIRST_ROWS else _LEAST_LATER
        self._seen += len(values)
        values, lines = np.concatenate([self._values, values]), np.concatenate([self._lines, lines])
        self._values, self._lines = values[-_LEAST_LATER - 1 :], lines[-_LEAST_LATER - 1 :]
        for start in _small_beside_great(values, self.limit, least):
            steps = np.diff(values[start : start + least])
            if (steps > 0).any() and (steps < 0).any():
                self.line = int(lines[start])
                return


def _small_beside_great(values: Numbers, limit: float, least: int) -> list[int]:
    """Where `least` small values begin that have a great one directly before or after them."""
    if len(values) <= least:
        return []
    counts = np.concatenate([[0], np.cumsum(values <= limit)])
    all_small = counts[least:] - counts[:-least] == least
    great = values > _CLEARLY * limit
    after_great, before_great = all_small[1:] & great[:-least], all_small[:-1] & great[least:]
    return sorted({*(np.flatnonzero(after_great) + 1).tolist(), *np.flatnonzero(before_great).tolist()})
