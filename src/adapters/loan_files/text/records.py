"""Splits lines into records, one per loan, whatever their quoting, and separates lines that are not loans.

Lines that are well-formed records pass unchanged; only the others are examined one by one.
"""

import csv
import io
import re
from dataclasses import dataclass, field

import numpy as np

from adapters.loan_files.chunk import SkippedLine
from adapters.loan_files.limits import RECORD_BYTES
from adapters.loan_files.text.layout import TextLayout, split_cells
from adapters.loan_files.text.line_index import LineIndex, Positions, index_lines
from adapters.loan_files.text.line_source import LineBlock

# An opening quote without a partner within this many lines, or within RECORD_BYTES, is taken as a stray quote.
MAX_RECORD_LINES = 500
MAX_SHOWN = 200
_NOT_A_LOAN = re.compile(
    r"\s*\"?\s*(total amount funded in policy code|loans that do not meet the credit policy|notes offered by)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Records:
    """`text` has one line per record (empty cells if it is broken); `lines` are their line numbers in the file."""

    text: bytes
    lines: Positions
    broken: dict[int, tuple[str, str]]
    skipped: list[SkippedLine]
    unused: bytes


def to_records(block: LineBlock, layout: TextLayout) -> Records:
    """Split a block of lines; lines of a record that may continue in the next block are returned as unused."""
    line_index = index_lines(block.text, layout.separator, len(layout.columns))
    if bool(line_index.well_formed.all()):
        return Records(block.text, block.first_line + np.arange(len(line_index.ends)), {}, [], b"")
    return _RecordBuilder(block, layout, line_index).build()


@dataclass(slots=True)
class _RecordBuilder:
    """Builds the records of a block; `at` is the first line not yet processed."""

    block: LineBlock
    layout: TextLayout
    line_index: LineIndex
    at: int = 0
    pieces: list[bytes] = field(default_factory=list)
    lines: list[Positions] = field(default_factory=list)
    broken: dict[int, tuple[str, str]] = field(default_factory=dict)
    skipped: list[SkippedLine] = field(default_factory=list)
    count: int = 0
    unused: bytes = b""

    def build(self) -> Records:
        for index in np.flatnonzero(~self.line_index.well_formed).tolist():
            if index < self.at:
                continue  # part of a record of several lines
            self._take_well_formed(index)
            if not self._process_line(index):
                self.unused = self.block.text[self.line_index.starts[index] :]
                break
        else:
            self._take_well_formed(len(self.line_index.ends))
        lines = np.concatenate(self.lines) if self.lines else np.empty(0, np.intp)
        return Records(b"".join(self.pieces), lines, self.broken, self.skipped, self.unused)

    def _take_well_formed(self, until: int) -> None:
        if until > self.at:
            self.pieces.append(
                self.block.text[self.line_index.starts[self.at] : self.line_index.ends[until - 1] + 1]
            )
            self._add_line_numbers(np.arange(self.at, until))
            self.at = until

    def _process_line(self, index: int) -> bool:
        """Skip, repair or refuse one line. False if its record may continue in the next block."""
        text = self._text(index, index)
        cells = split_cells(text, self.layout.separator)
        if not text.strip() or _NOT_A_LOAN.match(text) or self._is_header(cells):
            self.skipped.append(SkippedLine(self.block.first_line + index, text.strip().strip('"')[:MAX_SHOWN]))
        elif cells and len(cells) == len(self.layout.columns):
            self._add_repaired(index, cells)
        elif cells is None and self.line_index.odd_quotes[index]:
            return self._process_multiline(index)
        else:
            self._add_broken(index, cells)
        self.at = index + 1
        return True

    def _process_multiline(self, index: int) -> bool:
        """Find the line that closes the quote, since a cell may contain line breaks."""
        near = int(np.searchsorted(self.line_index.ends, self.line_index.starts[index] + RECORD_BYTES))
        until = min(near, index + MAX_RECORD_LINES)
        within = self.line_index.odd_quotes[index + 1 : until]
        closing = int(np.argmax(within)) + index + 1 if within.any() else None
        whole = len(within) == MAX_RECORD_LINES - 1 or near < len(self.line_index.ends)
        if closing is None and not whole and not self.block.last:
            return False
        cells = split_cells(self._text(index, closing), self.layout.separator) if closing else None
        if closing and cells and len(cells) == len(self.layout.columns):
            self._add_repaired(index, cells)
            self.at = closing + 1
        else:
            self._add_broken(index, None)
            self.at = index + 1
        return True

    def _add_repaired(self, index: int, cells: list[str]) -> None:
        line = io.StringIO()
        csv.writer(line, delimiter=self.layout.separator, lineterminator="\n").writerow(
            " ".join(cell.splitlines()) for cell in cells
        )
        self.pieces.append(line.getvalue().encode())
        self._add_line_numbers(np.array([index]))

    def _add_broken(self, index: int, cells: list[str] | None) -> None:
        expected = len(self.layout.columns)
        reason = (
            "its quotes are not balanced: quote the whole cell, and double a quote inside it"
            if cells is None
            else f"has {len(cells)} columns; the header has {expected}"
        )
        self.broken[self.count] = (self._text(index, index)[:MAX_SHOWN], reason)
        self.pieces.append(self.layout.separator.encode() * (expected - 1) + b"\n")
        self._add_line_numbers(np.array([index]))

    def _add_line_numbers(self, indices: Positions) -> None:
        self.lines.append(indices + self.block.first_line)
        self.count += len(indices)

    def _is_header(self, cells: list[str] | None) -> bool:
        return cells is not None and tuple(cells) == self.layout.columns

    def _text(self, first: int, last: int) -> str:
        return self.block.text[self.line_index.starts[first] : self.line_index.ends[last]].decode()
