"""A chunk of loan applications as columns: what the model reads, what the policy looks at, money in cents.

Rounding is that of `Money`: whole cents, halves to the even cent. So a file's fractions of a cent come out as they
would through a `LoanApplication`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.encoding import code_of_each, encode_columns, years_of_each
from adapters.scoring.fixed_point import Floats
from domain.models.characteristics import CHARACTERISTIC_NAMES

Cents = NDArray[np.int64]
MONEY = ("annual_inc", "loan_amnt")


def cents_of(dollars: Floats) -> Cents:
    """`Money.of`, by column."""
    return np.rint(dollars * 100).astype(np.int64)


def dollars_of(cents: Cents) -> Floats:
    """`Money.dollars`, by column."""
    return cents / 100


def words_of(column: pl.Series) -> tuple[tuple[str, ...], NDArray[np.uint32]]:
    """The words of an Enum column, and each row's place among them."""
    if not isinstance(column.dtype, pl.Enum):
        raise TypeError(f"{column.name} holds {column.dtype}, not words of a list")
    return tuple(column.dtype.categories), column.to_physical().cast(pl.UInt32).to_numpy()


def encode_loans(loans: pl.DataFrame, categories: Mapping[str, Sequence[str]]) -> Floats:
    """The characteristics (rows, 12) of accepted rows as `loan_files` reads them, in a model's own codes.

    Words are Enum columns; a missing number is null.
    """
    return encode_columns({name: _encoded(loans[name], categories) for name in CHARACTERISTIC_NAMES})


@dataclass(frozen=True, slots=True)
class QuantityColumns:
    """What rules may look at, as columns (rows,) in one piece each: the domain's `Quantities`."""

    annual_inc: Floats
    loan_amnt: Floats
    term: Floats
    fico_range_low: Floats
    dti: Floats
    delinq_2yrs: Floats
    pub_rec: Floats


_PLACES = [(field.name, CHARACTERISTIC_NAMES.index(field.name)) for field in fields(QuantityColumns)]


def quantities_of(encoded: Floats) -> QuantityColumns:
    """The quantities among encoded characteristics (rows, 12)."""
    return QuantityColumns(**{name: np.ascontiguousarray(encoded[:, place]) for name, place in _PLACES})


def _encoded(column: pl.Series, categories: Mapping[str, Sequence[str]]) -> Floats:
    values: Any
    if column.name in categories:
        words, places = words_of(column)
        return code_of_each(words, categories[column.name])[places]
    if column.name == "emp_length":
        words, places = words_of(column)
        return years_of_each(words)[places]
    values = column.cast(pl.Float64).to_numpy()  # null is not a number there
    return dollars_of(cents_of(values)) if column.name in MONEY else values
