"""Encoding of a product's inputs as a matrix of numbers (rows, inputs), in their order.

Words are encoded by their position in the list of categories. NaN means "not given" or "never seen".
"""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from domain.models.characteristics import Characteristics
from domain.products.fields import ChoiceField
from domain.products.product_definition import ProductDefinition


def category_codes(words: Sequence[str], categories: Sequence[str]) -> Floats:
    """The code of each word: a lookup array for a column whose physical codes index `words` (a polars Enum)."""
    places = {word: float(place) for place, word in enumerate(categories)}
    return np.array([places.get(word, np.nan) for word in words], dtype=np.float64)


def choice_numbers(words: Sequence[str], field: ChoiceField) -> Floats:
    """The number of each word of a choice that has numbers; NaN for "not given" and unknown words."""
    numbers = field.number_by_choice
    return np.array([numbers.get(word, np.nan) for word in words], dtype=np.float64)


def encode_applicant(
    given: Characteristics, product: ProductDefinition, categories: Mapping[str, Sequence[str]]
) -> Floats:
    """One applicant as a row (1, inputs), in a model's own codes."""
    row = np.empty((1, len(product.inputs)))
    for index, (name, value) in enumerate(zip(product.inputs, given, strict=True)):
        row[0, index] = category_codes([value], categories[name])[0] if name in categories else value
    return row


def decode_row(
    row: Floats, product: ProductDefinition, categories: Mapping[str, Sequence[str]], unseen: str = ""
) -> Characteristics:
    """The applicant of an encoded row (inputs,); a NaN code becomes the word `unseen`."""
    values: list[Any] = []
    for name, value in zip(product.inputs, row.tolist(), strict=True):
        words = categories.get(name)
        values.append(value if words is None else unseen if isnan(value) else words[int(value)])
    return tuple(values)


def with_stand_ins(encoded: Floats, names: Sequence[str], stand_ins: Mapping[str, float]) -> Floats:
    """The encoded rows (rows, characteristics) with these numbers instead of missing ones, by name."""
    filled = encoded.copy()
    for name, number in stand_ins.items():
        column = filled[:, names.index(name)]
        column[np.isnan(column)] = number
    return filled


def encode_columns(columns: Mapping[str, NDArray[np.float64]], names: Sequence[str]) -> Floats:
    """The matrix of named columns of numbers and codes, in the order of `names`."""
    return np.ascontiguousarray(np.stack([columns[name] for name in names], axis=1))
