"""From lines to records: one record a loan, whatever its quotes, with what is no loan set apart.

Lines that are plainly one record pass untouched; only the others are looked at one by one.
"""

import csv
import io
import re
from dataclasses import dataclass, field

import numpy as np

from adapters.loan_files.chunk import SkippedLine
from adapters.loan_files.limits import RECORD_BYTES
from adapters.loan_files.text.layout import TextLayout, split_cells
from adapters.loan_files.text.line_marks import LineMarks, Positions, mark_lines
from adapters.loan_files.text.line_source import Run

# A quote that opens and finds no partner within so many lines, or RECORD_BYTES, was never meant to be one.
LINES_OF_A_RECORD = 500
_SHOWN = 200
_NOT_A_LOAN = re.compile(
    r"\s*\"?\s*(total amount funded in policy code|loans that do not meet the credit policy|notes offered by)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Records:
    """`text` holds one line a record, empty cells where it is broken; `lines` its physical lines."""

    text: bytes
    lines: Positions
    broken: dict[int, tuple[str, str]]
    skipped: list[SkippedLine]
    unused: bytes


def to_records(run: Run, layout: TextLayout) -> Records:
    """Take a run of lines apart; lines of a record that may go on in the next run are left unused."""
    marks = mark_lines(run.text, layout.separator, len(layout.columns))
    if bool(marks.well_formed.all()):
        return Records(run.text, run.first_line + np.arange(len(marks.ends)), {}, [], b"")
    return _Sorting(run, layout, marks).done()


@dataclass(slots=True)
class _Sorting:
    """A run on its way to records; `at` is the first line not yet placed."""

    run: Run
    layout: TextLayout
    marks: LineMarks
    at: int = 0
    pieces: list[bytes] = field(default_factory=list)
    lines: list[Positions] = field(default_factory=list)
    broken: dict[int, tuple[str, str]] = field(default_factory=dict)
    skipped: list[SkippedLine] = field(default_factory=list)
    count: int = 0
    unused: bytes = b""

    def done(self) -> Records:
        for index in np.flatnonzero(~self.marks.well_formed).tolist():
            if index < self.at:
                continue  # it belongs to a record of several lines
            self._take_well_formed(index)
            if not self._place(index):
                self.unused = self.run.text[self.marks.starts[index] :]
                break
        else:
            self._take_well_formed(len(self.marks.ends))
        lines = np.concatenate(self.lines) if self.lines else np.empty(0, np.intp)
        return Records(b"".join(self.pieces), lines, self.broken, self.skipped, self.unused)

    def _take_well_formed(self, until: int) -> None:
        if until > self.at:
            self.pieces.append(self.run.text[self.marks.starts[self.at] : self.marks.ends[until - 1] + 1])
            self._numbered(np.arange(self.at, until))
            self.at = until

    def _place(self, index: int) -> bool:
        """Skip, mend or refuse one line; False when it must wait for the next run."""
        text = self._text(index, index)
        cells = split_cells(text, self.layout.separator)
        if not text.strip() or _NOT_A_LOAN.match(text) or self._is_header(cells):
            self.skipped.append(SkippedLine(self.run.first_line + index, text.strip().strip('"')[:_SHOWN]))
        elif cells and len(cells) == len(self.layout.columns):
            self._mended(index, cells)
        elif cells is None and self.marks.odd_quotes[index]:
            return self._place_over_lines(index)
        else:
            self._break(index, cells)
        self.at = index + 1
        return True

    def _place_over_lines(self, index: int) -> bool:
        """A cell may hold line breaks: look for the line that closes the quote."""
        near = int(np.searchsorted(self.marks.ends, self.marks.starts[index] + RECORD_BYTES))
        until = min(near, index + LINES_OF_A_RECORD)
        within = self.marks.odd_quotes[index + 1 : until]
        closing = int(np.argmax(within)) + index + 1 if within.any() else None
        whole = len(within) == LINES_OF_A_RECORD - 1 or near < len(self.marks.ends)
        if closing is None and not whole and not self.run.last:
            return False
        cells = split_cells(self._text(index, closing), self.layout.separator) if closing else None
        if closing and cells and len(cells) == len(self.layout.columns):
            self._mended(index, cells)
            self.at = closing + 1
        else:
            self._break(index, None)
            self.at = index + 1
        return True

    def _mended(self, index: int, cells: list[str]) -> None:
        line = io.StringIO()
        csv.writer(line, delimiter=self.layout.separator, lineterminator="\n").writerow(
            " ".join(cell.splitlines()) for cell in cells
        )
        self.pieces.append(line.getvalue().encode())
        self._numbered(np.array([index]))

    def _break(self, index: int, cells: list[str] | None) -> None:
        wanted = len(self.layout.columns)
        reason = (
            "its quotes do not balance: quote a whole cell, and double a quote inside it"
            if cells is None
            else f"has {len(cells)} columns where the header has {wanted}"
        )
        self.broken[self.count] = (self._text(index, index)[:_SHOWN], reason)
        self.pieces.append(self.layout.separator.encode() * (wanted - 1) + b"\n")
        self._numbered(np.array([index]))

    def _numbered(self, indices: Positions) -> None:
        self.lines.append(indices + self.run.first_line)
        self.count += len(indices)

    def _is_header(self, cells: list[str] | None) -> bool:
        return cells is not None and tuple(cells) == self.layout.columns

    def _text(self, first: int, last: int) -> str:
        return self.run.text[self.marks.starts[first] : self.marks.ends[last]].decode()
