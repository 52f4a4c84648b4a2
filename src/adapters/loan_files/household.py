"""Joint loan applications: the household's income and debt ratio stand in for the first borrower's.

LendingClub gives both; `annual_inc` of a joint loan may even be 0. `application_type` is `JOINT` up to 2016 and
`Joint App` after; `DIRECT_PAY` (creditors paid directly) is one borrower.
"""

import polars as pl

from adapters.loan_files.cleaning import is_missing, text_of
from adapters.loan_files.columns import APPLICATION_TYPE, HOUSEHOLD


def with_household_figures(raw: pl.DataFrame) -> pl.DataFrame:
    """Put the household's figures, where given, in place of the first borrower's."""
    return raw.with_columns(
        pl.when(_is_given(joint)).then(_figure(joint, alike=alike)).otherwise(_figure(own, alike=alike)).alias(own)
        for joint, own in _present(raw.schema)
        for alike in [raw.schema[joint] == raw.schema[own]]
    )


def column_read(field: str, schema: pl.Schema) -> pl.Expr:
    """The name of the column that the field's figure came from, row by row."""
    for joint, own in _present(schema):
        if own == field:
            return pl.when(_is_given(joint)).then(pl.lit(joint)).otherwise(pl.lit(own))
    return pl.lit(field)


def _present(schema: pl.Schema) -> list[tuple[str, str]]:
    if APPLICATION_TYPE not in schema:
        return []
    return [(joint, own) for joint, own in HOUSEHOLD.items() if joint in schema]


def _is_given(joint: str) -> pl.Expr:
    kind = text_of(APPLICATION_TYPE).str.to_lowercase()
    return kind.is_in(("joint", "joint app")).fill_null(value=False) & ~is_missing(text_of(joint))


def _figure(name: str, *, alike: bool) -> pl.Expr:
    """As text where a Parquet file holds the two figures in different types."""
    return pl.col(name) if alike else text_of(name)
