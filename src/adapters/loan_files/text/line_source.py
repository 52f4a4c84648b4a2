"""A text file as blocks of whole lines, in bounded memory, with line numbers and one encoding."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from adapters.loan_files.limits import RECORD_BYTES
from adapters.loan_files.text.layout import TextLayout, decompressed
from adapters.loan_files.text.line_index import NEWLINE
from adapters.loan_files.unreadable import LoanFileUnreadable

_READ_BYTES = 1 << 22
_MAX_BLOCK_BYTES = 1 << 23


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
        self._buffer = b""
        self._returned = b""
        self._ended = False
        self._discard(layout.rows_begin)

    @property
    def bytes_done(self) -> int:
        """Bytes of the file on disk read so far."""
        return self._disk.tell()

    def read_block(self, lines: int) -> LineBlock | None:
        """At most `lines` further lines (fewer if they are long), or None at the end of the file."""
        self._fill(lines)
        fresh = self._cut(lines)
        text, latin_1 = _as_utf8(fresh)
        text = self._returned + (text.replace(b"\r\n", b"\n") if b"\r" in text else text)
        if text and not text.endswith(b"\n"):
            text += b"\n"
        first, self._returned = self._line, b""
        self._line += text.count(b"\n")
        return LineBlock(text, first, last=self._ended and not self._buffer, latin_1=latin_1) if text else None

    def give_back(self, text: bytes) -> None:
        """Put these lines at the beginning of the next block."""
        self._returned = text
        self._line -= text.count(b"\n")

    def _fill(self, lines: int) -> None:
        parts, size, count = [self._buffer], len(self._buffer), self._buffer.count(b"\n")
        while not self._ended and count < lines and (size < _MAX_BLOCK_BYTES or not count):
            data = self._read(_READ_BYTES)
            parts.append(data)
            size, count = size + len(data), count + data.count(b"\n")
            if not count and size > RECORD_BYTES:
                raise self._too_long(0)
        self._buffer = b"".join(parts)

    def _cut(self, lines: int) -> bytes:
        ends = np.flatnonzero(np.frombuffer(self._buffer, np.uint8) == NEWLINE)
        enough = len(ends) >= lines or not self._ended
        end = int(ends[min(lines, len(ends)) - 1]) + 1 if enough else len(self._buffer)
        lengths = np.diff(ends[ends < end], prepend=-1, append=end - 1)
        if lengths.max() > RECORD_BYTES:
            raise self._too_long(int(lengths.argmax()))
        fresh, self._buffer = self._buffer[:end], self._buffer[end:]
        return fresh

    def _too_long(self, lines_ahead: int) -> LoanFileUnreadable:
        line = self._line + self._returned.count(b"\n") + lines_ahead
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


def _as_utf8(text: bytes) -> tuple[bytes, bool]:
    if text.isascii():
        return text, False
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode(), True
    return text, False
