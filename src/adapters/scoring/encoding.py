"""Encoding of characteristics as a matrix of numbers (rows, 12), in the order of `CHARACTERISTIC_NAMES`.

Words are encoded by their position in the list of categories. NaN means "not given" or "never seen".
"""

from collections.abc import Mapping, Sequence
from math import isnan

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from domain.applications.applicant import EmploymentLength
from domain.models.characteristics import CHARACTERISTIC_NAMES, Characteristics
from domain.products.personal_loan import PERSONAL_LOAN

CATEGORIES: Mapping[str, tuple[str, ...]] = PERSONAL_LOAN.categories
"""The words that a model is trained with: all that a loan application can have."""

_YEARS = {length.value: length.years for length in EmploymentLength}


def category_codes(words: Sequence[str], categories: Sequence[str]) -> Floats:
    """The code of each word: a lookup array for a column whose physical codes index `words` (a polars Enum)."""
    places = {word: float(place) for place, word in enumerate(categories)}
    return np.array([places.get(word, np.nan) for word in words], dtype=np.float64)


def employment_years(words: Sequence[str]) -> Floats:
    """Years of employment for each of LendingClub's words; NaN for `n/a` and unknown words."""
    return np.array([_YEARS.get(word, np.nan) for word in words], dtype=np.float64)


def encode_applicant(given: Characteristics, categories: Mapping[str, Sequence[str]]) -> Floats:
    """One applicant as a row (1, 12)."""
    row = np.empty((1, len(CHARACTERISTIC_NAMES)))
    for index, name in enumerate(CHARACTERISTIC_NAMES):
        value = getattr(given, name)
        row[0, index] = category_codes([value], categories[name])[0] if name in categories else value
    return row


def decode_row(row: Floats, categories: Mapping[str, Sequence[str]], unseen: str = "") -> Characteristics:
    """The applicant of an encoded row (12,); a NaN code becomes the word `unseen`."""
    values: dict[str, float | str] = {}
    for name, value in zip(CHARACTERISTIC_NAMES, row.tolist(), strict=True):
        words = categories.get(name)
        values[name] = value if words is None else unseen if isnan(value) else words[int(value)]
    return Characteristics(**values)  # type: ignore[arg-type]  # words and numbers by name, as encoded


def encode_columns(columns: Mapping[str, NDArray[np.float64]]) -> Floats:
    """The matrix of named columns of numbers and codes."""
    return np.ascontiguousarray(np.stack([columns[name] for name in CHARACTERISTIC_NAMES], axis=1))
