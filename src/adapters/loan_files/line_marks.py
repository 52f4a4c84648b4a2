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
    inside = (np.searchsorted(quotes, separators) - before[np.searchsorted(ends, separators)]) % 2 == 1
    right = _count_between(separators[~inside], ends) == cells - 1
    return LineMarks(starts, ends, right & ~odd & ~_misplaced(octets, quotes, before, ends, separator), odd)


def _count_between(positions: Positions, ends: Positions) -> Positions:
    """How many of the positions lie in each line."""
    return np.diff(np.searchsorted(positions, ends), prepend=0)


def _misplaced(
    octets: npt.NDArray[np.uint8], quotes: Positions, before: Positions, ends: Positions, separator: str
) -> Flags:
    """Lines with a quote in the middle of a cell that is not one of a doubled pair."""
    line = np.searchsorted(ends, quotes)
    opens = (np.arange(len(quotes)) - before[line]) % 2 == 0
    neighbour = octets[np.where(opens, np.maximum(quotes - 1, 0), quotes + 1)]
    at_edge = (neighbour == ord(separator)) | (neighbour == _NEWLINE) | (neighbour == _QUOTE) | (quotes == 0)
    flagged = np.zeros(len(ends), bool)
    flagged[line[~at_edge]] = True
    return flagged
