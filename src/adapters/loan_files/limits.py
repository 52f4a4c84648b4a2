"""Limits on what reading a file of loans may take, so that a small file cannot cost much time or memory."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from adapters.loan_files.unreadable import LoanFileUnreadable

RECORD_BYTES = 1 << 20
"""The longest line, and the longest record with line breaks inside quotes."""
MAX_COLUMNS = 2_000
"""LendingClub's widest files have about 150."""
SKIPPED_ALLOWED = 100_000
"""Lines that are not loans, beyond one for each loan: spreadsheets leave many empty lines at the end."""
_ROWS_UNMEASURED = 10_000
"""A file of so few rows may be as small as it likes."""
_BYTES_UNMEASURED = 1 << 20
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits for files of callers, which may be made to do harm; files of the operator are read without them.

    LendingClub's loans compress 5 to 10 times. Its thirteen fields hold about 7 bytes of information a loan, so
    that a file with fewer than `bytes_a_row` cannot hold real loans. Its whole history, 2.3 million loans in 151
    columns, is 1.6 GB unpacked.
    """

    rows: int = 5_000_000
    unpacked_bytes: int = 4 << 30
    ratio: int = 100
    bytes_a_row: int = 2

    def check_rows(self, path: Path, rows: int, size: int) -> None:
        """Raise LoanFileUnreadable where a file of `size` bytes may not hold so many rows."""
        if rows > self.rows:
            raise LoanFileUnreadable(
                path, f"has more than {self.rows:,} rows, the most a batch may have; divide it into several files."
            )
        if rows > _ROWS_UNMEASURED and rows * self.bytes_a_row > size:
            raise LoanFileUnreadable(
                path,
                f"has at least {rows:,} rows in {size:,} bytes: it repeats the same loans. "
                "Hand in each loan once; if the loans do differ, save the file as uncompressed CSV.",
            )

    def check_unpacked(self, path: Path) -> None:
        """Raise LoanFileUnreadable where a gzip file unpacks to too much; damage is left to the reader."""
        size = path.stat().st_size
        most = min(self.unpacked_bytes, _BYTES_UNMEASURED + self.ratio * size)
        if _unpacks_beyond(path, most):
            why = (
                f"to more than {self.unpacked_bytes >> 20:,} MB; divide it into several files."
                if most == self.unpacked_bytes
                else f"to more than {self.ratio} times its size, which no file of loans does; "
                "save the file as uncompressed CSV."
            )
            raise LoanFileUnreadable(path, f"unpacks {why}")


def _unpacks_beyond(path: Path, most: int) -> bool:
    unpacked = 0
    try:
        with gzip.open(path) as file:
            while unpacked <= most and (piece := file.read(_PIECE)):
                unpacked += len(piece)
    except (OSError, EOFError, zlib.error):
        return False
    return unpacked > most
