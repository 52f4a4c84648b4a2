"""What the reader returns: loans ready for the model, and every row or line that was left out."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

REFUSED_SCHEMA = pl.Schema(
    {"row": pl.Int64, "line": pl.Int64, "field": pl.String, "value": pl.String, "reason": pl.String}
)


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line that is not a loan: blank, a notice, a separator or a footer (in Parquet, an empty row)."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class RefusedField:
    """One error in one row: the field, its value (shortened) and what is allowed instead.

    `row` counts loans from 1; `line` is the line of a text file, or the row of a Parquet file. A row that cannot
    be split into fields has the field name `(row)`.
    """

    row: int
    line: int
    field: str
    value: str
    reason: str


def first_refusal(refused: pl.DataFrame) -> str:
    """The first error of REFUSED_SCHEMA in words, without the value, which may be an applicant's."""
    if refused.is_empty():
        return ""
    row, line, field, _, reason = refused.row(0)
    return f"row {row}, line {line}: {field} {reason}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the file has been read. Bytes are those on disk, before decompression."""

    bytes_done: int
    bytes_total: int
    rows_read: int


@dataclass(frozen=True, slots=True)
class LoanFileChunk:
    """A chunk of the file: accepted loans (`rows`), errors (`refused`, one record each) and skipped lines.

    `rows_read == len(rows) + rows_refused`. `notices` are remarks on the file, such as on its encoding.
    """

    rows: pl.DataFrame
    refused: pl.DataFrame
    skipped: tuple[SkippedLine, ...]
    notices: tuple[str, ...]
    rows_read: int
    progress: Progress

    @property
    def rows_refused(self) -> int:
        """Number of rows with at least one error."""
        return self.rows_read - self.rows.height

    def refused_fields(self) -> Iterator[RefusedField]:
        """The errors one by one, by row and then in the order of the fields."""
        for record in self.refused.iter_rows():
            yield RefusedField(*record)
