"""Index of the lines of a text, computed for all lines together: bounds, number of cells, quoting."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NEWLINE = 10
_QUOTE = 34
Positions = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LineIndex:
    """The bytes where each line starts and ends (its newline), and whether it is one well-formed record."""

    starts: Positions
    ends: Positions
    well_formed: Flags
    odd_quotes: Flags


def index_lines(text: bytes, separator: str, cells: int) -> LineIndex:
    """Index the lines of `text` (each ended by a newline) as records of `cells` cells.

    A line is well formed if it has the right number of cells, balanced quotes, and each quote at a cell's edge or
    doubled. All other lines are examined one by one under CSV's rules.
    """
    octets = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(octets == NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    separators = np.flatnonzero(octets == ord(separator))
    quotes = np.flatnonzero(octets == _QUOTE)
    if not len(quotes):
        right = _count_between(separators, ends) == cells - 1
        return LineIndex(starts, ends, right, np.zeros(len(ends), bool))
    before = np.searchsorted(quotes, starts)
    odd = (np.searchsorted(quotes, ends) - before) % 2 == 1
    inside = np.searchsorted(quotes, separators) % 2 == 1
    opens = np.arange(len(quotes)) % 2 == 0
    if odd.any():  # an odd line shifts the count for all that follow, so count each line separately
        shifted = before % 2 == 1
        inside ^= shifted[np.searchsorted(ends, separators)]
        opens ^= shifted[np.searchsorted(ends, quotes)]
    right = _count_between(separators[~inside], ends) == cells - 1
    well_placed = np.ones(len(ends), bool)
    well_placed[np.searchsorted(ends, _misplaced(octets, quotes, opens, separator))] = False
    return LineIndex(starts, ends, right & well_placed & ~odd, odd)


def _count_between(positions: Positions, ends: Positions) -> Positions:
    """How many of the positions lie in each line."""
    return np.diff(np.searchsorted(positions, ends), prepend=0)


def _misplaced(octets: npt.NDArray[np.uint8], quotes: Positions, opens: Flags, separator: str) -> Positions:
    """Quotes in the middle of a cell that are not one of a doubled pair."""
    edge = np.zeros(256, bool)
    edge[[ord(separator), NEWLINE, _QUOTE]] = True
    # Index -1 wraps around to the last byte, a newline, so the first byte counts as a cell's edge.
    return quotes[~edge[octets[quotes + np.where(opens, -1, 1)]]]
