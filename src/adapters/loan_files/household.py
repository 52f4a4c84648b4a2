"""Joint loan applications: the household's income and debt ratio stand in for the first borrower's.

LendingClub gives both; `annual_inc` of a joint loan may even be 0. `application_type` is `JOINT` up to 2016 and
`Joint App` after; `DIRECT_PAY` (creditors paid directly) is one borrower.
"""

import polars as pl

from adapters.loan_files.columns import APPLICATION_TYPE, HOUSEHOLD


def with_household_figures(raw: pl.DataFrame) -> pl.DataFrame:
    """Put the household's figures, where given, in place of the first borrower's."""
    return raw.with_columns(
        pl.when(_is_given(joint, raw.schema)).then(_alike(joint)).otherwise(_alike(own)).alias(own)
        if raw.schema[joint] != raw.schema[own]
        else pl.when(_is_given(joint, raw.schema)).then(pl.col(joint)).otherwise(pl.col(own)).alias(own)
        for joint, own in _present(raw.schema)
    )


def column_read(field: str, schema: pl.Schema) -> pl.Expr:
    """The name of the column that the field's figure came from, row by row."""
    for joint, own in _present(schema):
        if own == field:
            return pl.when(_is_given(joint, schema)).then(pl.lit(joint)).otherwise(pl.lit(own))
    return pl.lit(field)


def _present(schema: pl.Schema) -> list[tuple[str, str]]:
    if APPLICATION_TYPE not in schema:
        return []
    return [(joint, own) for joint, own in HOUSEHOLD.items() if joint in schema]


def _is_given(joint: str, schema: pl.Schema) -> pl.Expr:
    kind = pl.col(APPLICATION_TYPE).cast(pl.String).str.strip_chars().str.to_lowercase()
    given = pl.col(joint).is_not_null()
    if schema[joint] == pl.String:
        given &= pl.col(joint).str.strip_chars() != ""
    return kind.is_in(("joint", "joint app")).fill_null(value=False) & given


def _alike(name: str) -> pl.Expr:
    """As text, where a Parquet file holds the two figures in different types."""
    return pl.col(name).cast(pl.String)
