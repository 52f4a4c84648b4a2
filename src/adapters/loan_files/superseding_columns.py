"""Columns of rows that decide an application again: the decision that is superseded, and why."""

from collections.abc import Callable, Mapping
from uuid import UUID

import polars as pl

from adapters.loan_files.field_parsing import FieldParser, is_missing
from domain.applications.superseding import ALLOWED, REASONS, SUPERSEDES, SUPERSEDES_REASON


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Whole numbers that a data frame stores as floats, as it does beside missing ones, have no decimals."""
    column = pl.col(name)
    if not dtype.is_float():
        return column.cast(pl.String)
    whole = column.is_finite() & (column == column.floor()) & (column.abs() < 2**53)
    number = pl.when(whole).then(column.cast(pl.Int64, strict=False).cast(pl.String))
    return number.otherwise(pl.when(column.is_nan()).then(None).otherwise(column.cast(pl.String)))


def superseding_parsers(schema: Mapping[str, pl.DataType]) -> list[FieldParser]:
    """The parsers of both columns, of which a file has both or none. A row states both or neither."""
    if SUPERSEDES not in schema:
        return []
    given = {name: as_text(name, schema[name]).str.strip_chars() for name in (SUPERSEDES, SUPERSEDES_REASON)}
    missing = {name: is_missing(text).fill_null(value=True) for name, text in given.items()}
    neither = missing[SUPERSEDES] & missing[SUPERSEDES_REASON]
    both = pl.col(SUPERSEDES).is_not_null() & pl.col(SUPERSEDES_REASON).is_not_null()
    wrong = {SUPERSEDES: "is not the identifier of a decision", SUPERSEDES_REASON: "is not an allowed value"}
    read: dict[str, Callable[[str], str | None]] = {SUPERSEDES: _identifier, SUPERSEDES_REASON: _reason}
    parsers = []
    for name, text in given.items():
        value = pl.when(missing[name]).then(None).otherwise(text).map_batches(_each(read[name]), pl.String())
        problem = pl.when(missing[name]).then(pl.lit("is missing")).otherwise(pl.lit(wrong[name]))
        parsers.append(
            FieldParser(
                name,
                text,
                value,
                quick_check=both,
                allowed=neither | value.is_not_null(),
                unreadable=problem + pl.lit(f"; allowed: {ALLOWED[name]}"),
                out_of_range="",
            )
        )
    return parsers


def _each(read: Callable[[str], str | None]) -> Callable[[pl.Series], pl.Series]:
    def parse(texts: pl.Series) -> pl.Series:
        values = [None if text is None else read(text) for text in texts.to_list()]
        return pl.Series(texts.name, values, pl.String)

    return parse


def _identifier(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _reason(text: str) -> str | None:
    word = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    return word if word in REASONS else None
