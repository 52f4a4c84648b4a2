"""A text file as runs of whole lines: bounded memory, physical line numbers, one encoding."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from adapters.loan_files.limits import RECORD_BYTES
from adapters.loan_files.text.layout import TextLayout, decompressed
from adapters.loan_files.unreadable import LoanFileUnreadable

_PIECE = 1 << 22
_LARGEST_RUN = 1 << 23
NEWLINE = 10


@dataclass(frozen=True, slots=True)
class Run:
    """Whole lines in UTF-8, each ended by a newline alone; `last` when the file ends here."""

    text: bytes
    first_line: int
    last: bool
    latin_1: bool


class LineSource:
    """Hands out runs of lines; what a run could not use yet is given back and leads the next."""

    def __init__(self, path: Path, layout: TextLayout, disk: BinaryIO, stream: BinaryIO) -> None:
        self._path, self._disk, self._stream = path, disk, stream
        self._line = layout.header_line + 1
        self._ahead = b""
        self._held = b""
        self._ended = False
        self._discard(layout.rows_begin)

    @property
    def bytes_done(self) -> int:
        """Bytes of the file on disk that were read."""
        return self._disk.tell()

    def pull(self, lines: int) -> Run | None:
        """At most `lines` further lines (fewer where they are long), or None at the end of the file."""
        self._fill(lines)
        fresh = self._cut(lines)
        text, latin_1 = _as_utf8(fresh)
        text = self._held + (text.replace(b"\r\n", b"\n") if b"\r" in text else text)
        if text and not text.endswith(b"\n"):
            text += b"\n"
        first, self._held = self._line, b""
        self._line += text.count(b"\n")
        return Run(text, first, last=self._ended and not self._ahead, latin_1=latin_1) if text else None

    def give_back(self, text: bytes) -> None:
        """Lead the next run with these lines."""
        self._held = text
        self._line -= text.count(b"\n")

    def _fill(self, lines: int) -> None:
        pieces, size, count = [self._ahead], len(self._ahead), self._ahead.count(b"\n")
        while not self._ended and count < lines and (size < _LARGEST_RUN or not count):
            piece = self._read(_PIECE)
            pieces.append(piece)
            size, count = size + len(piece), count + piece.count(b"\n")
            if not count and size > RECORD_BYTES:
                raise self._too_long(0)
        self._ahead = b"".join(pieces)

    def _cut(self, lines: int) -> bytes:
        ends = np.flatnonzero(np.frombuffer(self._ahead, np.uint8) == NEWLINE)
        enough = len(ends) >= lines or not self._ended
        end = int(ends[min(lines, len(ends)) - 1]) + 1 if enough else len(self._ahead)
        lengths = np.diff(ends[ends < end], prepend=-1, append=end - 1)
        if lengths.max() > RECORD_BYTES:
            raise self._too_long(int(lengths.argmax()))
        fresh, self._ahead = self._ahead[:end], self._ahead[end:]
        return fresh

    def _too_long(self, lines_ahead: int) -> LoanFileUnreadable:
        line = self._line + self._held.count(b"\n") + lines_ahead
        return LoanFileUnreadable(
            self._path, f"line {line} has more than {RECORD_BYTES:,} bytes; is this a CSV file of loans?"
        )

    def _discard(self, count: int) -> None:
        while count > 0:
            count -= len(self._read(count))

    def _read(self, size: int) -> bytes:
        try:
            piece = self._stream.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise LoanFileUnreadable(
                self._path, f"is damaged after line {self._line - 1} ({error}); fetch it again."
            ) from error
        self._ended = not piece
        return piece


@contextmanager
def line_source(path: Path, layout: TextLayout) -> Iterator[LineSource]:
    """Open the file behind its header."""
    with path.open("rb") as disk, decompressed(disk, compressed=layout.compressed) as stream:
        yield LineSource(path, layout, disk, stream)


def _as_utf8(text: bytes) -> tuple[bytes, bool]:
    if text.isascii():
        return text, False
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode(), True
    return text, False
