"""Raw loans from Parquet files, batch by batch."""

from collections.abc import Callable, Collection, Iterator, Sequence
from os import SEEK_END
from pathlib import Path

import polars as pl

from adapters.loan_files.caller_columns import match_caller_columns
from adapters.loan_files.chunk import SkippedLine
from adapters.loan_files.columns import ColumnRequirements, match_columns
from adapters.loan_files.limits import MAX_COLUMNS, ReadingLimits
from adapters.loan_files.raw_loans import RawLoans
from adapters.loan_files.unreadable import LoanFileUnreadable

_MAX_FOOTER_BYTES = 16 << 20
"""The footer grows with columns and row groups: 150 columns in 500 row groups take about 8 MB."""
_TOO_LARGE = " (or its row groups or texts exceed the memory limit)"
_DAMAGED = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What polars raises for damaged files; PanicException is a BaseException."""


def parquet_positions(path: Path, requirements: ColumnRequirements) -> dict[str, str]:
    """The file's name of each column that is read."""

    def places_in(names: Sequence[str]) -> dict[str, int]:
        return match_columns(path, names, requirements) | match_caller_columns(path, names, requirements)

    return parquet_names(path, places_in)


def parquet_names(path: Path, places_in: Callable[[Sequence[str]], dict[str, int]]) -> dict[str, str]:
    """The file's name of each column that is read, whose positions among all names `places_in` returns."""
    _check_footer(path)
    try:
        schema = pl.read_parquet_schema(path)
    except (*_DAMAGED, OSError) as error:
        raise LoanFileUnreadable(path, f"is a damaged Parquet file{_describe(error)}; write it again.") from error
    if len(schema) > MAX_COLUMNS:
        raise LoanFileUnreadable(path, f"has {len(schema):,} columns; the maximum is {MAX_COLUMNS:,}.")
    names = list(schema)
    chosen = {name: names[at] for name, at in places_in(names).items()}
    nested = [own for own in chosen.values() if schema[own].is_nested() or schema[own] in (pl.Binary, pl.Object)]
    if nested:
        raise LoanFileUnreadable(path, f"has columns that hold neither numbers nor text: {', '.join(nested)}.")
    return chosen


def parquet_loans(
    path: Path,
    names: dict[str, str],
    chunk_rows: int,
    limits: ReadingLimits | None,
    fields: Collection[str],
) -> Iterator[RawLoans]:
    """The loans of a Parquet file in chunks of at most `chunk_rows`; `line` is the row of the file.

    A row without any of the `fields` is empty.
    """
    size, done = path.stat().st_size, 0
    scan = pl.scan_parquet(path, glob=False)
    try:
        total = scan.select(pl.len()).collect().item()
        if limits is not None:
            limits.check_rows(path, total, size)
        columns = [pl.col(own).alias(name) for name, own in names.items()]
        for batch in scan.select(columns).collect_batches(chunk_size=chunk_rows, maintain_order=True):
            table = batch.with_columns(
                pl.int_range(done + 1, done + 1 + pl.len(), dtype=pl.Int64).alias("line"),
                pl.lit(None, pl.String).alias("broken_text"),
                pl.lit(None, pl.String).alias("broken_reason"),
            )
            done += batch.height
            empty = pl.all_horizontal(pl.col(name).is_null() for name in fields if name in names)
            skipped = [SkippedLine(line, "(an empty row)") for line in table.filter(empty)["line"]]
            yield RawLoans(table.filter(~empty) if skipped else table, skipped, [], size * done // max(1, total))
    except _DAMAGED as error:
        raise LoanFileUnreadable(
            path, f"is damaged after row {done}{_describe(error)}; write it again."
        ) from error
    if done != total:  # polars loses errors of some of its threads
        raise LoanFileUnreadable(path, f"is damaged after row {done} of {total:,}{_TOO_LARGE}; write it again.")


def _describe(error: BaseException) -> str:
    """The error text of polars; a panic describes polars' own code, so it is replaced."""
    return _TOO_LARGE if isinstance(error, pl.exceptions.PanicException) else f" ({error})"


def _check_footer(path: Path) -> None:
    with path.open("rb") as file:
        end = file.seek(0, SEEK_END)
        file.seek(max(0, end - 8))
        footer = int.from_bytes(file.read(4), "little")
    if footer > min(end, _MAX_FOOTER_BYTES):
        raise LoanFileUnreadable(
            path,
            f"is a damaged Parquet file, or its footer has {footer:,} bytes; the maximum is "
            f"{_MAX_FOOTER_BYTES:,}. Write it again with fewer row groups.",
        )
