"""Loans as a file holds them, before any value is parsed: the common form of text and Parquet files."""

from dataclasses import dataclass

import polars as pl

from adapters.loan_files.chunk import SkippedLine


@dataclass(frozen=True, slots=True)
class RawLoans:
    """A chunk of the file: `table` as `validate_rows` takes it (except `row`), and what else was found."""

    table: pl.DataFrame
    skipped: list[SkippedLine]
    notices: list[str]
    bytes_done: int
