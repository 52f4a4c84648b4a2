"""A file of loans as a portfolio."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from adapters.loan_files.chunk import LoanFileChunk, first_refusal
from adapters.loan_files.limits import ReadingLimits
from adapters.loan_files.patterns.examination import Examination
from adapters.loan_files.reader import read_loans
from application.ports.batches.portfolio import LoanChunk, Portfolio
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.products.product_definition import ProductDefinition


class PortfolioFile(Portfolio):
    """A product's loans in a CSV or Parquet file, in chunks of about `chunk_rows`, after row `after_row`.

    Raises LoanFileUnreadable; the constructor does if the whole file is invalid, or if its columns are not as the
    product defines them and `conventions` state. `examined` is the examination of the columns, if it is done.
    `keep` names columns that the results repeat. `notices` are remarks on the file, and `skipped` counts the lines
    that are not loans; both are complete after the last chunk.
    """

    def __init__(
        self,
        path: Path,
        product: ProductDefinition,
        *,
        chunk_rows: int,
        after_row: int = 0,
        conventions: FileConventions = AS_DEFINED,
        keep: tuple[str, ...] = (),
        limits: ReadingLimits | None = None,
        examined: Examination | None = None,
    ) -> None:
        if examined is None:
            examined = Examination(path, product, conventions, limits)
            deque(examined.blocks(), maxlen=0)
        self._chunks = read_loans(
            path, product, chunk_rows=chunk_rows, conventions=conventions, keep=keep, limits=limits
        )
        self._after_row = after_row
        self._rows_passed = 0
        self.notices = list(examined.remarks)
        self.skipped = 0

    def chunks(self) -> Iterator[LoanChunk]:
        """All chunks in the order of the file. Can be iterated once."""
        return (chunk for chunk in self.chunks_or_none() if chunk is not None)

    def chunks_or_none(self) -> Iterator[LoanChunk | None]:
        """The same, with None for each chunk that lies before the first requested row."""
        for chunk in self._chunks:
            self.notices += chunk.notices
            self.skipped += len(chunk.skipped)
            unwanted = min(chunk.rows_read, max(0, self._after_row - self._rows_passed))
            self._rows_passed += chunk.rows_read
            requested = not unwanted or unwanted < chunk.rows_read
            yield _loan_chunk(chunk, unwanted, self._after_row) if requested else None
            del chunk  # while the next one is read, it takes no memory


def _loan_chunk(chunk: LoanFileChunk, unwanted: int, after_row: int) -> LoanChunk:
    """The chunk without its first `unwanted` rows; the others keep their row numbers."""
    loans, refused = chunk.rows, chunk.refused
    if unwanted:
        loans, refused = (frame.filter(pl.col("row") > after_row) for frame in (loans, refused))
    read = chunk.rows_read - unwanted
    return LoanChunk(
        loans=loans,
        refused=refused,
        rows_read=read,
        rows_refused=read - loans.height,
        share_done=min(1.0, chunk.progress.bytes_done / max(1, chunk.progress.bytes_total)),
        first_refusal=first_refusal(refused),
    )
