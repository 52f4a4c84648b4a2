"""A chunk of loan applications as columns: the model's inputs, the policy's quantities, money in cents.

Rounding is that of `Money`: whole cents, halves to even. So fractions of a cent in a file give the same result as
through a `LoanApplication`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.encoding import category_codes, employment_years, encode_columns
from adapters.scoring.fixed_point import Floats
from domain.models.characteristics import CHARACTERISTIC_NAMES

Cents = NDArray[np.int64]
MONEY = ("annual_inc", "loan_amnt")


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


def encode_loans(loans: pl.DataFrame, categories: Mapping[str, Sequence[str]]) -> Floats:
    """The characteristics (rows, 12) of accepted rows as `loan_files` reads them, in a model's own codes.

    Words are Enum columns; a missing number is null.
    """
    return encode_columns({name: _encoded(loans[name], categories) for name in CHARACTERISTIC_NAMES})


@dataclass(frozen=True, slots=True)
class QuantityColumns:
    """The quantities that rules may use, as contiguous columns (rows,): the domain's `Quantities`."""

    annual_inc: Floats
    loan_amnt: Floats
    term: Floats
    fico_range_low: Floats
    dti: Floats
    delinq_2yrs: Floats
    pub_rec: Floats


_PLACES = [(field.name, CHARACTERISTIC_NAMES.index(field.name)) for field in fields(QuantityColumns)]


def select_quantities(encoded: Floats) -> QuantityColumns:
    """The quantities among encoded characteristics (rows, 12)."""
    return QuantityColumns(**{name: np.ascontiguousarray(encoded[:, place]) for name, place in _PLACES})


def _encoded(column: pl.Series, categories: Mapping[str, Sequence[str]]) -> Floats:
    values: Any
    if column.name in categories:
        words, places = enum_codes(column)
        return category_codes(words, categories[column.name])[places]
    if column.name == "emp_length":
        words, places = enum_codes(column)
        return employment_years(words)[places]
    values = column.cast(pl.Float64).to_numpy()  # null becomes NaN
    return to_dollars(to_cents(values)) if column.name in MONEY else values
