"""A text file as blocks of whole lines, in bounded memory, with line numbers and one encoding."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from adapters.loan_files.limits import RECORD_BYTES
from adapters.loan_files.text.encodings import decode_text, is_utf8
from adapters.loan_files.text.layout import TextLayout, decompressed
from adapters.loan_files.text.line_index import NEWLINE
from adapters.loan_files.unreadable import LoanFileUnreadable

_READ_BYTES = 1 << 22
_MAX_BLOCK_BYTES = 1 << 23
_MAX_LATIN_1_BYTES = 1 << 22
"""A block that is not UTF-8 has fewer bytes, because a letter or sign becomes two or three of them in UTF-8."""


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Whole lines in UTF-8, each ended by a newline only; `last` at the end of the file."""

    text: bytes
    first_line: int
    last: bool
    latin_1: bool


class LineSource:
    """Returns blocks of lines; lines returned with `give_back` begin the next block."""

    def __init__(self, path: Path, layout: TextLayout, disk: BinaryIO, stream: BinaryIO) -> None:
        self._path, self._disk, self._stream = path, disk, stream
        self._line = layout.header_line + 1
        self._buffer, self._start = b"", 0
        self._ends = np.empty(0, np.intp)
        self._returned, self._lines_returned = b"", 0
        self._ended = False
        self._discard(layout.rows_begin)

    @property
    def bytes_done(self) -> int:
        """Bytes of the file on disk read so far."""
        return self._disk.tell()

    def read_block(self, lines: int) -> LineBlock | None:
        """At most `lines` further lines (fewer if they are long), or None at the end of the file."""
        self._fill(lines)
        fresh, count = self._next(lines)
        latin_1 = not is_utf8(fresh)
        if latin_1 and len(fresh) > _MAX_LATIN_1_BYTES:
            fresh, count = self._next(lines, _MAX_LATIN_1_BYTES)
            latin_1 = not is_utf8(fresh)
        self._pass(len(fresh), count)
        text = decode_text(fresh)[0].encode() if latin_1 else fresh
        del fresh
        text = self._returned + (text.replace(b"\r\n", b"\n") if b"\r" in text else text)
        if text and not text.endswith(b"\n"):
            text, count = text + b"\n", count + 1
        first = self._line
        self._line += self._lines_returned + count
        self._returned, self._lines_returned = b"", 0
        last = self._ended and self._start == len(self._buffer)
        return LineBlock(text, first, last=last, latin_1=latin_1) if text else None

    def give_back(self, text: bytes) -> None:
        """Put these lines at the beginning of the next block."""
        self._returned, self._lines_returned = text, text.count(b"\n")
        self._line -= self._lines_returned

    def _fill(self, lines: int) -> None:
        """Read on until the buffer has so many lines; `_ends` holds the ends of those that begin at `_start`."""
        while (
            not self._ended and len(self._ends) < lines and (self._left < _MAX_BLOCK_BYTES or not len(self._ends))
        ):
            data, before = self._read(_READ_BYTES), self._left
            ends = np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE)
            self._ends = np.concatenate([self._ends - self._start, ends + before])
            self._buffer, self._start = self._buffer[self._start :] + data, 0
            if not len(self._ends) and self._left > RECORD_BYTES:
                raise self._too_long(0)

    @property
    def _left(self) -> int:
        return len(self._buffer) - self._start

    def _next(self, lines: int, most_bytes: int | None = None) -> tuple[bytes, int]:
        """At most so many lines of the buffer, and the number of them that have an end.

        They have at most `most_bytes`, unless the first one is longer.
        """
        if most_bytes is not None:
            lines = min(lines, max(1, int(np.searchsorted(self._ends, self._start + most_bytes))))
        enough = len(self._ends) >= lines or not self._ended
        ends = self._ends[:lines]
        end = int(ends[-1]) + 1 if enough else len(self._buffer)
        lengths = np.diff(ends, prepend=self._start - 1, append=end - 1)
        if lengths.max() > RECORD_BYTES:
            raise self._too_long(int(lengths.argmax()))
        return self._buffer[self._start : end], len(ends)

    def _pass(self, size: int, lines: int) -> None:
        """Continue after these bytes, in which so many lines end."""
        self._start, self._ends = self._start + size, self._ends[lines:]
        if self._start > self._left:  # release the lines that were read
            self._buffer, self._ends = self._buffer[self._start :], self._ends - self._start
            self._start = 0

    def _too_long(self, lines_ahead: int) -> LoanFileUnreadable:
        line = self._line + self._lines_returned + lines_ahead
        return LoanFileUnreadable(
            self._path, f"has more than {RECORD_BYTES:,} bytes in line {line}; is this a CSV file of loans?"
        )

    def _discard(self, count: int) -> None:
        while count > 0:
            count -= len(self._read(count))

    def _read(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise LoanFileUnreadable(
                self._path, f"is damaged after line {self._line - 1} ({error}); download it again."
            ) from error
        self._ended = not data
        return data


@contextmanager
def line_source(path: Path, layout: TextLayout) -> Iterator[LineSource]:
    """Open the file and skip its header."""
    with path.open("rb") as disk, decompressed(disk, compressed=layout.compressed) as stream:
        yield LineSource(path, layout, disk, stream)
