"""Reading loans as they come: the one reader behind scoring a file and training on it."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import polars as pl

from adapters.loan_files.chunk import LoanFileChunk, Progress
from adapters.loan_files.columns import MISSING_WHEN_SCORING, Wanted, match_columns
from adapters.loan_files.limits import ReadingLimits
from adapters.loan_files.parquet_loans import parquet_loans, parquet_positions
from adapters.loan_files.raw_loans import RawLoans
from adapters.loan_files.sifting import sift
from adapters.loan_files.text.layout import ParquetLayout, find_layout
from adapters.loan_files.text.text_loans import text_loans
from adapters.loan_files.unreadable import LoanFileUnreadable


def read_loans(
    path: Path,
    *,
    chunk_rows: int = 100_000,
    may_be_missing: frozenset[str] = MISSING_WHEN_SCORING,
    outcomes: bool = False,
    needed: tuple[str, ...] = (),
    limits: ReadingLimits | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[LoanFileChunk]:
    """The file's loans in chunks of about `chunk_rows`, in the file's order and in flat memory.

    Names of numbers in `may_be_missing` may be empty (null in the rows); `outcomes` adds what training needs,
    and `needed` says which columns of it a file must have. `limits` are for files of callers.
    Raises LoanFileUnreadable, at once where the file as a whole is wrong, later where it is damaged further on.
    """
    wanted = Wanted(may_be_missing, outcomes, needed)
    chunks = _chunks(path, _raw_loans(path, wanted, chunk_rows, limits), wanted, limits, on_progress)
    return chain(_up_to_the_first_loan(chunks), chunks)


def _up_to_the_first_loan(chunks: Iterator[LoanFileChunk]) -> list[LoanFileChunk]:
    """Read far enough to know that there are loans, so that a file without any is refused at once."""
    opening: list[LoanFileChunk] = []
    for chunk in chunks:
        opening.append(chunk)
        if chunk.rows_read:
            break
    return opening


def _raw_loans(path: Path, wanted: Wanted, chunk_rows: int, limits: ReadingLimits | None) -> Iterator[RawLoans]:
    layout = find_layout(path)
    if isinstance(layout, ParquetLayout):
        return parquet_loans(path, parquet_positions(path, wanted), chunk_rows, limits)
    if limits is not None and layout.compressed:
        limits.check_unpacked(path)
    return text_loans(path, layout, match_columns(path, layout.columns, wanted), chunk_rows)


def _chunks(
    path: Path,
    chunks: Iterator[RawLoans],
    wanted: Wanted,
    limits: ReadingLimits | None,
    on_progress: Callable[[Progress], None] | None,
) -> Iterator[LoanFileChunk]:
    size, rows_read = path.stat().st_size, 0
    for raw in chunks:
        if limits is not None:
            limits.check_rows(path, rows_read + raw.table.height, size)
        rows, refused = sift(_numbered(raw.table, rows_read), wanted)
        rows_read += raw.table.height
        progress = Progress(raw.bytes_done, size, rows_read)
        if on_progress:
            on_progress(progress)
        yield LoanFileChunk(rows, refused, tuple(raw.skipped), tuple(raw.notices), raw.table.height, progress)
    if not rows_read:
        raise LoanFileUnreadable(path, "has a header and no loans; add at least one row.")


def _numbered(table: pl.DataFrame, before: int) -> pl.DataFrame:
    return table.with_columns(pl.int_range(before + 1, before + 1 + pl.len(), dtype=pl.Int64).alias("row"))
