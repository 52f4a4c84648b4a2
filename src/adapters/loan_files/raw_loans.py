"""Loans as they stand in a file, before any value is read: what text and Parquet files have in common."""

from dataclasses import dataclass

import polars as pl

from adapters.loan_files.chunk import SkippedLine


@dataclass(frozen=True, slots=True)
class RawLoans:
    """A chunk of the file: `table` as `sift` wants it but for `row`, and what was found beside the loans."""

    table: pl.DataFrame
    skipped: list[SkippedLine]
    notices: list[str]
    bytes_done: int
