"""A file of loans as a portfolio."""

from collections.abc import Iterator
from pathlib import Path

from adapters.loan_files.chunk import LoanChunk
from adapters.loan_files.reader import read_loans
from application.ports.portfolio import LoanStretch, Portfolio


class PortfolioFile(Portfolio):
    """The loans of a CSV or Parquet file in stretches of about `stretch_rows`.

    Raises LoanFileUnreadable, at once where the file as a whole is wrong. `notices` are remarks on the file, and
    `skipped` counts the lines that were no loans; both are complete when the last stretch has been read.
    """

    def __init__(self, path: Path, *, stretch_rows: int) -> None:
        self._chunks = read_loans(path, chunk_rows=stretch_rows)
        self.notices: list[str] = []
        self.skipped = 0

    def stretches(self) -> Iterator[LoanStretch]:
        """The file from its first row to its last, once."""
        return map(self._stretch, self._chunks)

    def _stretch(self, chunk: LoanChunk) -> LoanStretch:
        self.notices += chunk.notices
        self.skipped += len(chunk.skipped)
        progress = chunk.progress
        return LoanStretch(
            loans=chunk.rows,
            refused=chunk.refused,
            rows_read=chunk.rows_read,
            rows_refused=chunk.rows_refused,
            share_done=min(1.0, progress.bytes_done / max(1, progress.bytes_total)),
        )
