"""The reader of loan files, used both for scoring and for training."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import polars as pl

from adapters.loan_files.chunk import LoanFileChunk, Progress
from adapters.loan_files.columns import ISSUE_DATE, ColumnRequirements
from adapters.loan_files.issue_dates import AmbiguousDates, DayOrder, find_order
from adapters.loan_files.limits import ReadingLimits
from adapters.loan_files.raw_loans import RawLoans
from adapters.loan_files.raw_source import has_column, raw_loans
from adapters.loan_files.unreadable import LoanFileUnreadable
from adapters.loan_files.validation import validate_rows
from domain.applications.bureau_fields import BUREAU_REPORT_DATE
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.products.product_definition import ProductDefinition


def read_loans(
    path: Path,
    product: ProductDefinition,
    *,
    chunk_rows: int = 100_000,
    outcomes: bool = False,
    required: tuple[str, ...] = (),
    conventions: FileConventions = AS_DEFINED,
    keep: tuple[str, ...] = (),
    limits: ReadingLimits | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[LoanFileChunk]:
    """The file's loans in chunks of about `chunk_rows`, in the file's order and in constant memory.

    Columns are named as the product's fields; optional values may be empty (null in the rows). `outcomes` adds the
    columns for training, of which those in `required` are mandatory. `conventions` are what the sender states;
    whether they fit is not examined here. `keep` names columns that are in the rows as they are in the file, with
    the prefix KEPT. `limits` apply to uploaded files.
    Raises LoanFileUnreadable: immediately if the whole file is invalid, later if it is damaged further on.
    """
    requirements = ColumnRequirements(product, outcomes, required, conventions=conventions, keep=keep)
    column = ISSUE_DATE if outcomes else BUREAU_REPORT_DATE
    if outcomes or has_column(path, column, requirements):
        order = _find_day_order(path, column, requirements, chunk_rows, limits)
        requirements = replace(requirements, day_order=order)
    chunks = _chunks(path, raw_loans(path, requirements, chunk_rows, limits), requirements, limits, on_progress)
    return chain(iter(_up_to_the_first_loan(chunks)), chunks)  # an iterator at its end releases the list


def _up_to_the_first_loan(chunks: Iterator[LoanFileChunk]) -> list[LoanFileChunk]:
    """Read ahead until the first loan, so that a file without loans is refused immediately."""
    opening: list[LoanFileChunk] = []
    for chunk in chunks:
        opening.append(chunk)
        if chunk.rows_read:
            break
    return opening


def _find_day_order(
    path: Path, column: str, requirements: ColumnRequirements, chunk_rows: int, limits: ReadingLimits | None
) -> DayOrder | None:
    """The order of day and month in a column of dates, which only all of them together show."""
    different: set[str] = set()
    only = (requirements.product.amount, column)
    for raw in raw_loans(path, requirements, chunk_rows, limits, only=only):
        if column in raw.table.columns:
            different.update(raw.table[column].drop_nulls().cast(pl.String).unique())
    try:
        return find_order(different)
    except AmbiguousDates as fault:
        raise LoanFileUnreadable(
            path, f"has a column {column} that is ambiguous: {fault}. Write them as 2011-12-31."
        ) from fault


def _chunks(
    path: Path,
    chunks: Iterator[RawLoans],
    requirements: ColumnRequirements,
    limits: ReadingLimits | None,
    on_progress: Callable[[Progress], None] | None,
) -> Iterator[LoanFileChunk]:
    size, rows_read = path.stat().st_size, 0
    for raw in chunks:
        if limits is not None:
            limits.check_rows(path, rows_read + raw.table.height, size)
        rows, refused = validate_rows(_with_row_numbers(raw.table, rows_read), requirements)
        rows_read += raw.table.height
        progress = Progress(raw.bytes_done, size, rows_read)
        if on_progress:
            on_progress(progress)
        chunk = LoanFileChunk(rows, refused, tuple(raw.skipped), tuple(raw.notices), raw.table.height, progress)
        del raw, rows, refused
        yield chunk
        del chunk  # while the next one is read, it takes no memory
    if not rows_read:
        raise LoanFileUnreadable(path, "has a header but no loans; add at least one row.")


def _with_row_numbers(table: pl.DataFrame, before: int) -> pl.DataFrame:
    return table.with_columns(pl.int_range(before + 1, before + 1 + pl.len(), dtype=pl.Int64).alias("row"))
