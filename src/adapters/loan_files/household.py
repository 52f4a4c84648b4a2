"""Joint loan applications: the household's income and debt ratio replace those of the first borrower.

LendingClub reports both; `annual_inc` of a joint loan may even be 0. `application_type` is `JOINT` up to 2016 and
`Joint App` after; `DIRECT_PAY` (creditors paid directly) means one borrower.
"""

import polars as pl

from adapters.loan_files.columns import APPLICATION_TYPE, HOUSEHOLD
from adapters.loan_files.field_parsing import is_missing, text_of


def with_household_figures(raw: pl.DataFrame) -> pl.DataFrame:
    """Replace the first borrower's figures by the household's where they are given."""
    return raw.with_columns(
        pl.when(_is_given(joint))
        .then(_figure(joint, same_type=same))
        .otherwise(_figure(individual, same_type=same))
        .alias(individual)
        for joint, individual in _present(raw.schema)
        for same in [raw.schema[joint] == raw.schema[individual]]
    )


def column_read(field: str, schema: pl.Schema) -> pl.Expr:
    """The name of the column that each row's figure was read from."""
    for joint, individual in _present(schema):
        if individual == field:
            return pl.when(_is_given(joint)).then(pl.lit(joint)).otherwise(pl.lit(individual))
    return pl.lit(field)


def _present(schema: pl.Schema) -> list[tuple[str, str]]:
    if APPLICATION_TYPE not in schema:
        return []
    return [(joint, individual) for joint, individual in HOUSEHOLD.items() if joint in schema]


def _is_given(joint: str) -> pl.Expr:
    kind = text_of(APPLICATION_TYPE).str.to_lowercase()
    return kind.is_in(("joint", "joint app")).fill_null(value=False) & ~is_missing(text_of(joint))


def _figure(name: str, *, same_type: bool) -> pl.Expr:
    """The column, as text if the file stores the two figures in different types (Parquet)."""
    return pl.col(name) if same_type else text_of(name)
