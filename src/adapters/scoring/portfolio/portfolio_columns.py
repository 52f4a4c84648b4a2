"""A chunk of loan applications as columns: the model's inputs, the policy's quantities, money in cents.

Rounding is that of `Money`: whole cents, halves to even. So fractions of a cent in a file give the same result as
through a `LoanApplication`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.encoding import category_codes, choice_numbers, encode_columns
from adapters.scoring.fixed_point import Floats
from domain.arithmetic import Quantity
from domain.products.fields import ChoiceField, Field
from domain.products.product_definition import ProductDefinition

Cents = NDArray[np.int64]


def to_cents(dollars: Floats) -> Cents:
    """`Money.of` for a column."""
    return np.rint(dollars * 100).astype(np.int64)


def to_dollars(cents: Cents) -> Floats:
    """`Money.dollars` for a column."""
    return cents / 100


def enum_codes(column: pl.Series) -> tuple[tuple[str, ...], NDArray[np.uint32]]:
    """The words of an Enum column, and each row's index among them."""
    if not isinstance(column.dtype, pl.Enum):
        raise TypeError(f"{column.name} has type {column.dtype}, expected an Enum")
    return tuple(column.dtype.categories), column.to_physical().cast(pl.UInt32).to_numpy()


def encode_loans(
    loans: pl.DataFrame, product: ProductDefinition, categories: Mapping[str, Sequence[str]]
) -> Floats:
    """The inputs (rows, inputs) of accepted rows as `loan_files` reads them, in a model's own codes.

    Words are Enum columns; a missing number is null.
    """
    columns = {name: _encoded(loans[name], product.field_by_name[name], categories) for name in product.inputs}
    return encode_columns(columns, product.inputs)


def input_columns(encoded: Floats) -> tuple[Quantity, ...]:
    """Each input as a contiguous column (rows,), as the policy needs them."""
    return tuple(np.ascontiguousarray(encoded.T))


def _encoded(column: pl.Series, field: Field, categories: Mapping[str, Sequence[str]]) -> Floats:
    if isinstance(field, ChoiceField) and isinstance(column.dtype, pl.Enum):
        words, places = enum_codes(column)
        if field.numbers is not None:
            return choice_numbers(words, field)[places]
        return category_codes(words, categories[field.name])[places]
    values: Floats = column.cast(pl.Float64).to_numpy()  # null becomes NaN
    is_money = not isinstance(field, ChoiceField) and field.is_money
    return to_dollars(to_cents(values)) if is_money else values
