"""What is seen of every line at once: where it ends, how many cells it has, if its quotes are in order."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_NEWLINE, _QUOTE = 10, 34
Positions = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LineMarks:
    """Byte where each line starts and ends (its newline); whether it is one whole, well-formed record."""

    starts: Positions
    ends: Positions
    well_formed: Flags
    odd_quotes: Flags


def mark_lines(text: bytes, separator: str, cells: int) -> LineMarks:
    """Mark lines of `text` (newline-ended) against records of `cells` cells.

    Well formed means: the right number of cells, quotes balanced within the line, and each quote at a cell's
    edge or doubled. All else is looked at line by line, under CSV's own rules.
    """
    octets = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(octets == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    separators = np.flatnonzero(octets == ord(separator))
    quotes = np.flatnonzero(octets == _QUOTE)
    if not len(quotes):
        right = _count_between(separators, ends) == cells - 1
        return LineMarks(starts, ends, right, np.zeros(len(ends), bool))
    before = np.searchsorted(quotes, starts)
    odd = (np.searchsorted(quotes, ends) - before) % 2 == 1
    inside = np.searchsorted(quotes, separators) % 2 == 1
    opens = np.arange(len(quotes)) % 2 == 0
    if odd.any():  # an odd line shifts the count for all that follow: count each line for itself
        shifted = before % 2 == 1
        inside ^= shifted[np.searchsorted(ends, separators)]
        opens ^= shifted[np.searchsorted(ends, quotes)]
    right = _count_between(separators[~inside], ends) == cells - 1
    well_placed = np.ones(len(ends), bool)
    well_placed[np.searchsorted(ends, _misplaced(octets, quotes, opens, separator))] = False
    return LineMarks(starts, ends, right & well_placed & ~odd, odd)


def _count_between(positions: Positions, ends: Positions) -> Positions:
    """How many of the positions lie in each line."""
    return np.diff(np.searchsorted(positions, ends), prepend=0)


def _misplaced(octets: npt.NDArray[np.uint8], quotes: Positions, opens: Flags, separator: str) -> Positions:
    """Quotes in the middle of a cell that are not one of a doubled pair."""
    edge = np.zeros(256, bool)
    edge[[ord(separator), _NEWLINE, _QUOTE]] = True
    # Before the very first byte stands, by wrapping round, the last: a newline.
    return quotes[~edge[octets[quotes + np.where(opens, -1, 1)]]]
