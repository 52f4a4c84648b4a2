"""Detects the kind of a file and where its loans begin, from its first bytes."""

import csv
import gzip
import re
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from adapters.loan_files.chunk import SkippedLine
from adapters.loan_files.columns import normal_name
from adapters.loan_files.limits import MAX_COLUMNS
from adapters.loan_files.text.encodings import decode_text
from adapters.loan_files.text.extra_columns import unnamed, with_extra_columns
from adapters.loan_files.unreadable import LoanFileUnreadable

SEPARATORS = (",", ";", "\t", "|")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEAD_BYTES = 1 << 18
_MAX_LINES_BEFORE_HEADER = 50
_MAX_LINES_READ = 100
# Control characters that do not occur in text. DOS files end in character 26.
_CONTROL_CHARACTERS = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")


@dataclass(frozen=True, slots=True)
class TextLayout:
    """A text file of loans: the columns and line (1-based) of its header, and the byte where its rows begin.

    `columns` include those that the header does not name; `notices` are remarks on them.
    """

    columns: tuple[str, ...]
    separator: str
    header_line: int
    rows_begin: int
    compressed: bool
    before_the_header: tuple[SkippedLine, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParquetLayout:
    """A Parquet file, which describes itself."""


def find_layout(path: Path, known: Collection[str]) -> TextLayout | ParquetLayout:
    """Distinguish text, gzipped text and Parquet by content, regardless of the file's name.

    `known` are the names of columns by which a header is recognized.
    """
    magic = _first_bytes(path)
    if magic.startswith(b"PAR1"):
        return ParquetLayout()
    if path.suffix.lower() in {".parquet", ".pq"}:
        raise LoanFileUnreadable(path, "is not a Parquet file, despite its name; write it again.")
    if magic.startswith(b"PK\x03\x04"):
        raise LoanFileUnreadable(path, "is a zip archive or an Excel workbook; unpack it, or save it as CSV.")
    compressed = magic.startswith(b"\x1f\x8b")
    if not compressed and (magic.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in magic):
        raise LoanFileUnreadable(path, "is UTF-16 text or not text at all; save it as CSV in UTF-8.")
    if path.suffix.lower() == ".gz" and not compressed:
        raise LoanFileUnreadable(path, "is not gzip-compressed, despite its name; remove the extension .gz.")
    return _text_layout(path, known, compressed=compressed)


def decompressed(disk: BinaryIO, *, compressed: bool) -> BinaryIO:
    """The content, decompressed if necessary."""
    return cast("BinaryIO", gzip.GzipFile(fileobj=disk)) if compressed else disk


def split_cells(line: str, separator: str) -> list[str] | None:
    """The cells of one record under CSV's quoting rules; None if its quotes are unbalanced."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return None


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise LoanFileUnreadable(path, "is a folder; name a file in it.")
    try:
        with path.open("rb") as file:
            magic = file.read(64)
    except FileNotFoundError:
        raise LoanFileUnreadable(path, "does not exist; check the path.") from None
    except OSError as error:
        raise LoanFileUnreadable(path, f"cannot be opened: {error.strerror}.") from error
    if not magic:
        raise LoanFileUnreadable(path, "is empty; it needs a header line and at least one loan.")
    return magic


def _text_layout(path: Path, known: Collection[str], *, compressed: bool) -> TextLayout:
    head = _read_head(path, compressed=compressed)
    mark = len(BYTE_ORDER_MARK) if head.startswith(BYTE_ORDER_MARK) else 0
    if b"\n" not in head and b"\r" in head:
        raise LoanFileUnreadable(path, "has line ends of old Macintosh files; save it with standard line ends.")
    split = head[mark:].split(b"\n")
    lines = [decode_line(line) for line in split[:_MAX_LINES_READ]]
    at, separator, columns = _find_header(lines[:_MAX_LINES_BEFORE_HEADER], known)
    if not _known(columns, known) and _CONTROL_CHARACTERS.search(head):
        raise LoanFileUnreadable(path, "is not text or any other kind of loan file; check the path.")
    if not columns and lines[at].strip():
        raise LoanFileUnreadable(path, "is not a loan file: its first line is not CSV; check its quotation marks.")
    if len(columns) > MAX_COLUMNS:
        raise LoanFileUnreadable(path, f"has {len(columns):,} columns; the maximum is {MAX_COLUMNS:,}.")
    if not columns:
        raise LoanFileUnreadable(path, "has only blank lines; it needs a header line and at least one loan.")
    rows_begin = mark + _end_of_line(head[mark:], at)
    if rows_begin == _HEAD_BYTES and not head.endswith(b"\n"):
        raise LoanFileUnreadable(path, f"has a header of more than {_HEAD_BYTES:,} bytes; shorten it.")
    layout = TextLayout(
        columns=tuple(columns),
        separator=separator,
        header_line=at + 1,
        rows_begin=rows_begin,
        compressed=compressed,
        before_the_header=tuple(SkippedLine(n, text.strip()) for n, text in enumerate(lines[:at], start=1)),
    )
    cut = len(head) == _HEAD_BYTES and len(split) <= _MAX_LINES_READ
    return fitted(layout, lines[at + 1 : -1] if cut else lines[at + 1 :])


def fitted(layout: TextLayout, lines: Sequence[str]) -> TextLayout:
    """The layout with the columns that these first lines after its header have besides those it names."""
    rows = [split_cells(line, layout.separator) for line in lines]
    columns, remark = with_extra_columns(layout.columns, rows)
    remarks = [each for each in (remark, unnamed(layout.columns)) if each]
    return replace(layout, columns=columns, notices=tuple(dict.fromkeys([*layout.notices, *remarks])))


def _read_head(path: Path, *, compressed: bool) -> bytes:
    try:
        with path.open("rb") as disk, decompressed(disk, compressed=compressed) as file:
            return file.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise LoanFileUnreadable(path, f"cannot be decompressed ({error}); download it again.") from error


def _find_header(lines: list[str], known: Collection[str]) -> tuple[int, str, list[str]]:
    """The line with the most known names, or the first non-blank line if none has any."""
    best, best_hits = (0, ",", list[str]()), -1
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        for separator in SEPARATORS:
            cells = split_cells(line, separator) or []
            hits = len(_known(cells, known))
            if hits > best_hits:
                best, best_hits = (at, separator, cells), hits
    return best


def _known(cells: Iterable[str], known: Collection[str]) -> set[str]:
    return {normal_name(cell) for cell in cells} & set(known)


def _end_of_line(head: bytes, index: int) -> int:
    end = 0
    for _ in range(index + 1):
        found = head.find(b"\n", end)
        end = len(head) if found < 0 else found + 1
    return end


def decode_line(line: bytes) -> str:
    return decode_text(line)[0].rstrip("\r")
