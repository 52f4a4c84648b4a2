"""Limits on reading a loan file, so that a small file cannot cost much time or memory."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from adapters.loan_files.unreadable import LoanFileUnreadable

RECORD_BYTES = 1 << 20
"""The longest line, and the longest record that spans several lines."""
MAX_COLUMNS = 2_000
"""LendingClub's widest files have about 150 columns."""
MAX_SKIPPED_LINES = 100_000
"""Lines that are not loans, in excess of one per loan: spreadsheets leave many empty lines at the end."""
_EXEMPT_ROWS = 10_000
"""Files with at most this many rows are exempt from the check of bytes per row."""
_EXEMPT_BYTES = 1 << 20
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits for uploaded files, which may be malicious; the operator's own files are read without them.

    LendingClub's loans compress 5 to 10 times. The fields of a personal loan hold about 7 bytes of information per
    loan, so a file with fewer than `bytes_per_row` cannot hold real loans. Its whole history, 2.3 million loans in
    151 columns, is 1.6 GB uncompressed.
    """

    rows: int = 5_000_000
    uncompressed_bytes: int = 4 << 30
    ratio: int = 100
    bytes_per_row: int = 2

    def check_rows(self, path: Path, rows: int, size: int) -> None:
        """Raise LoanFileUnreadable if a file of `size` bytes has too many rows."""
        if rows > self.rows:
            raise LoanFileUnreadable(
                path, f"has more than {self.rows:,} rows, the maximum per batch; split it into several files."
            )
        if rows > _EXEMPT_ROWS and rows * self.bytes_per_row > size:
            raise LoanFileUnreadable(
                path,
                f"has at least {rows:,} rows in {size:,} bytes: it repeats the same loans. "
                "Include each loan once; if the loans do differ, save the file as uncompressed CSV.",
            )

    def check_uncompressed_size(self, path: Path) -> None:
        """Raise LoanFileUnreadable if a gzip file expands too much. Damage is left to the reader to report."""
        size = path.stat().st_size
        maximum = min(self.uncompressed_bytes, _EXEMPT_BYTES + self.ratio * size)
        if _expands_beyond(path, maximum):
            why = (
                f"to more than {self.uncompressed_bytes >> 20:,} MiB; split it into several files."
                if maximum == self.uncompressed_bytes
                else f"to more than {self.ratio} times its size, which no file of loans does; "
                "save the file as uncompressed CSV."
            )
            raise LoanFileUnreadable(path, f"expands {why}")


def _expands_beyond(path: Path, maximum: int) -> bool:
    unpacked = 0
    try:
        with gzip.open(path) as file:
            while unpacked <= maximum and (data := file.read(_READ_BYTES)):
                unpacked += len(data)
    except (OSError, EOFError, zlib.error):
        return False
    return unpacked > maximum
