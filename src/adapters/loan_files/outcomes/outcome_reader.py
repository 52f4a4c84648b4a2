"""The reader of files with outcomes of loans: the same layouts and formats as files of loans."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from adapters.loan_files.issue_dates import AmbiguousDates, DayOrder, find_order
from adapters.loan_files.limits import MAX_SKIPPED_LINES, ReadingLimits
from adapters.loan_files.outcomes.outcome_columns import DATES, KNOWN, NAMES, REFERENCE, match_outcome_columns
from adapters.loan_files.outcomes.outcome_parsing import RowParser
from adapters.loan_files.parquet_loans import parquet_loans, parquet_names
from adapters.loan_files.raw_loans import RawLoans
from adapters.loan_files.superseding_columns import as_text
from adapters.loan_files.text.layout import ParquetLayout, TextLayout, find_layout
from adapters.loan_files.text.line_source import line_source
from adapters.loan_files.text.records import to_records
from adapters.loan_files.text.text_loans import cell_table
from adapters.loan_files.unreadable import LoanFileUnreadable
from application.ports.outcomes.outcome_files import OutcomeChunk, OutcomeRow, RefusedRow

_ROW = "(row)"


def read_outcomes(
    path: Path,
    parser: RowParser,
    *,
    chunk_rows: int,
    after_row: int = 0,
    limits: ReadingLimits | None = None,
) -> Iterator[OutcomeChunk | None]:
    """The rows of a file in chunks of about `chunk_rows`, without its first `after_row`; None for those.

    Raises LoanFileUnreadable: immediately if the whole file is invalid, later if it is damaged further on.
    """
    parser.orders = find_orders(path, chunk_rows, limits)
    size, done = path.stat().st_size, 0
    for raw in _raw(path, NAMES, chunk_rows, limits):
        if limits is not None:
            limits.check_rows(path, done + raw.table.height, size)
        before, done = done, done + raw.table.height
        skip = min(max(after_row - before, 0), raw.table.height)
        if skip == raw.table.height:
            yield None
            continue
        rows, refused = _parsed(raw.table.slice(skip), before + skip, parser)
        yield OutcomeChunk(rows, refused, raw.table.height - skip, min(1.0, raw.bytes_done / max(1, size)))
    if not done:
        raise LoanFileUnreadable(path, "has a header but no outcomes; add at least one row.")


def find_orders(path: Path, chunk_rows: int, limits: ReadingLimits | None) -> dict[str, DayOrder | None]:
    """The order of day and month in each column of dates, which only all of its values show."""
    texts: dict[str, set[str]] = {name: set() for name in DATES}
    for raw in _raw(path, (REFERENCE, *DATES), chunk_rows, limits):
        for name in DATES:
            if name in raw.table.columns:
                texts[name].update(raw.table[name].drop_nulls().cast(pl.String).unique())
    orders: dict[str, DayOrder | None] = {}
    for name, different in texts.items():
        try:
            orders[name] = find_order(different)
        except AmbiguousDates as fault:
            raise LoanFileUnreadable(
                path, f"has a column {name} that is ambiguous: {fault}. Write them as 2011-12-31."
            ) from fault
    return orders


def _raw(path: Path, only: Sequence[str], chunk_rows: int, limits: ReadingLimits | None) -> Iterator[RawLoans]:
    def positions_in(columns: Sequence[str]) -> dict[str, int]:
        found = match_outcome_columns(path, columns)
        chosen = {name: at for name, at in found.items() if name in only}
        return chosen or dict([next(iter(found.items()))])

    layout = find_layout(path, KNOWN)
    if isinstance(layout, ParquetLayout):
        return parquet_loans(path, parquet_names(path, positions_in), chunk_rows, limits, only)
    if limits is not None and layout.compressed:
        limits.check_uncompressed_size(path)
    return _text(path, layout, positions_in(layout.columns), chunk_rows)


def _text(path: Path, layout: TextLayout, positions: dict[str, int], chunk_rows: int) -> Iterator[RawLoans]:
    skips_allowed = MAX_SKIPPED_LINES
    with line_source(path, layout) as source:
        while block := source.read_block(chunk_rows):
            records = to_records(block, layout)
            source.give_back(records.unused)
            table = cell_table(records, layout, positions)
            skips_allowed += table.height - len(records.skipped)
            if skips_allowed < 0:
                raise LoanFileUnreadable(
                    path, f"has over {MAX_SKIPPED_LINES:,} lines without an outcome; remove them."
                )
            yield RawLoans(table, records.skipped, [], source.bytes_done)


def _parsed(table: pl.DataFrame, before: int, parser: RowParser) -> tuple[list[OutcomeRow], list[RefusedRow]]:
    rows: list[OutcomeRow] = []
    refused: list[RefusedRow] = []
    names = [name for name in table.columns if name in NAMES]
    texts = table.select(
        *(as_text(name, table.schema[name]).alias(name) for name in names), "line", "broken_text", "broken_reason"
    )
    for number, cells in enumerate(texts.iter_rows(), before + 1):
        line, broken_text, broken_reason = cells[-3:]
        if broken_reason is not None:
            refused.append(RefusedRow(number, line, "", _ROW, (broken_text or "")[:60], broken_reason))
            continue
        found = parser(number, line, dict(zip(names, cells, strict=False)))
        if isinstance(found, OutcomeRow):
            rows.append(found)
        else:
            refused += found
    return rows, refused
