"""What the reader hands over: loans ready for the model, and every row or line that is not among them."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

REFUSED_SCHEMA = pl.Schema(
    {"row": pl.Int64, "line": pl.Int64, "field": pl.String, "value": pl.String, "reason": pl.String}
)


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line that is no loan: blank, a notice, a separator or a footer (in Parquet the empty row's number)."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class RefusedField:
    """One fault of one row: where it stands, what stood there (shortened) and what is allowed instead.

    `row` counts loans from 1; `line` is the physical line of a text file, or the row of a Parquet file. A row
    that could not be taken apart at all has the field `(row)`.
    """

    row: int
    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the file is behind us; bytes are those on disk, before decompression."""

    bytes_done: int
    bytes_total: int
    rows_read: int


@dataclass(frozen=True, slots=True)
class LoanFileChunk:
    """A chunk of the file: `rows` (accepted loans), `refused` (one record a fault) and lines skipped.

    `rows_read == len(rows) + rows_refused`. `notices` are remarks on the file, such as its encoding.
    """

    rows: pl.DataFrame
    refused: pl.DataFrame
    skipped: tuple[SkippedLine, ...]
    notices: tuple[str, ...]
    rows_read: int
    progress: Progress

    @property
    def rows_refused(self) -> int:
        """Rows with at least one fault."""
        return self.rows_read - self.rows.height

    def refused_fields(self) -> Iterator[RefusedField]:
        """The faults one by one, by row and then in the order of the fields."""
        for record in self.refused.iter_rows():
            yield RefusedField(*record)
