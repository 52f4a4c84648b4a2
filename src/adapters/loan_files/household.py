"""Joint loan applications: the household's income and debt ratio replace those of the first borrower.

LendingClub reports both; the income of the first borrower may even be 0. Its `application_type` is `JOINT` up to
2016 and `Joint App` after; `DIRECT_PAY` (creditors paid directly) means one borrower.
"""

import polars as pl

from adapters.loan_files.columns import household_columns
from adapters.loan_files.field_parsing import is_missing, text_of
from domain.products.fields import JointApplications
from domain.products.product_definition import ProductDefinition


def with_household_figures(raw: pl.DataFrame, product: ProductDefinition) -> pl.DataFrame:
    """Replace the first borrower's figures by the household's where they are given."""
    return raw.with_columns(
        pl.when(_is_given(joint, marked))
        .then(_figure(joint, same_type=same))
        .otherwise(_figure(individual, same_type=same))
        .alias(individual)
        for joint, individual, marked in _present(raw.schema, product)
        for same in [raw.schema[joint] == raw.schema[individual]]
    )


def column_read(field: str, schema: pl.Schema, product: ProductDefinition) -> pl.Expr:
    """The name of the column that each row's figure was read from."""
    for joint, individual, marked in _present(schema, product):
        if individual == field:
            return pl.when(_is_given(joint, marked)).then(pl.lit(joint)).otherwise(pl.lit(individual))
    return pl.lit(field)


def _present(schema: pl.Schema, product: ProductDefinition) -> list[tuple[str, str, JointApplications]]:
    """The file's columns of household figures, the field of each, and how joint applications are marked."""
    if product.joint is None or product.joint.column not in schema:
        return []
    columns = household_columns(product).items()
    return [(joint, individual, product.joint) for joint, individual in columns if joint in schema]


def _is_given(joint: str, marked: JointApplications) -> pl.Expr:
    kind = text_of(marked.column).str.to_lowercase()
    return kind.is_in(marked.words).fill_null(value=False) & ~is_missing(text_of(joint))


def _figure(name: str, *, same_type: bool) -> pl.Expr:
    """The column, as text if the file stores the two figures in different types (Parquet)."""
    return pl.col(name) if same_type else text_of(name)
