"""Columns of text read by the vocabulary of `domain.products.spelling`.

Most cells are read by polars at once. Each of the other distinct texts is read by the same functions as in a form,
so that form and file cannot differ.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from domain.batches.file_conventions import FileConventions
from domain.products.close_match import did_you_mean
from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.spelling import (
    NOT_GIVEN,
    DecimalMark,
    UnreadableText,
    clean,
    is_missing,
    read_choice,
    read_number,
)

_MAX_HINTS = 100
"""Similar choices are suggested for this many different texts of a chunk, since the comparison is slow."""
_DOLLARS = r"^\$?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?$"
CONVERTED_DECIMALS = 10
"""Converted numbers are rounded, so that 0.29 of a fraction is the same number as 29 percent."""


def number_texts(field: NumberField, conventions: FileConventions) -> Callable[[pl.Series], pl.Series]:
    """A function from texts without surrounding spaces to numbers; null where a text is none."""
    factor = conventions.factor(field)

    def numbers(texts: pl.Series) -> pl.Series:
        percent = texts.str.ends_with("%") if field.unit == "%" else None
        plain = texts if percent is None else texts.str.strip_suffix("%").str.strip_chars_end()
        if conventions.mark is DecimalMark.COMMA:
            written = plain.str.contains(".", literal=True)
            plain = plain.str.replace(",", ".", literal=True).set(written, None)
        found = plain.cast(pl.Float64, strict=False).fill_nan(None)
        if field.is_money and conventions.mark is DecimalMark.POINT:
            found = _read_dollars(texts, found)
        found = _read_others(texts, found, lambda text: read_number(text, field, conventions.mark))
        if factor == 1:
            return found
        converted = (found * factor).round(CONVERTED_DECIMALS)
        # a percent sign is never meant as a fraction
        return converted if percent is None else converted.zip_with(~percent.fill_null(value=False), found)

    return numbers


def choice_texts(field: ChoiceField) -> Callable[[pl.Series], pl.Series]:
    """A function from texts without surrounding spaces to choices; null where a text is none."""
    words = pl.Enum(field.choices)

    def choices(texts: pl.Series) -> pl.Series:
        found = texts.cast(words, strict=False)
        if NOT_GIVEN in field.choices:
            found = found.fill_null(NOT_GIVEN).set(texts.is_not_null() & found.is_null(), None)
        return _read_others(texts, found, lambda text: read_choice(text, field))

    return choices


def absent_texts(field: Field, conventions: FileConventions) -> Callable[[pl.Series], pl.Series]:
    """A function from texts to whether they are a missing value."""
    read = _reader(field, conventions)

    def absent(text: str) -> bool:
        try:
            return read(text) is None
        except UnreadableText:
            return False

    return lambda texts: _by_text(texts, absent, pl.Boolean()).fill_null(value=True)


def missing_texts(texts: pl.Series) -> pl.Series:
    """Whether the texts are words for a missing value."""
    return _by_text(texts, is_missing, pl.Boolean()).fill_null(value=True)


@dataclass(slots=True)
class Reasons:
    """Says for texts that are not read as a value why they are not."""

    field: Field
    conventions: FileConventions

    def __call__(self, texts: pl.Series) -> pl.Series:
        read, hints = _reader(self.field, self.conventions), 0

        def reason(text: str) -> str:
            nonlocal hints
            try:
                read(text)
            except UnreadableText as unreadable:
                remedy = unreadable.remedy
                if not remedy and isinstance(self.field, ChoiceField) and hints < _MAX_HINTS:
                    hints += 1
                    remedy = did_you_mean(clean(text), self.field.choices).removeprefix("; ")
                problem = f"{unreadable.problem}; allowed: {self.field.allowed}"
                return f"{problem}; {remedy}" if remedy else problem
            return self._missing

        return _by_text(texts, reason, pl.String()).fill_null(self._missing)

    @property
    def _missing(self) -> str:
        return f"is missing; allowed: {self.field.allowed}"


def _reader(field: Field, conventions: FileConventions) -> Callable[[str], float | str | None]:
    if isinstance(field, NumberField):
        return lambda text: read_number(text, field, conventions.mark)
    return lambda text: read_choice(text, field)


def _read_dollars(texts: pl.Series, found: pl.Series) -> pl.Series:
    """The numbers found, and those of texts such as $52,000.00, which are often a whole column."""
    others = (found.is_null() & texts.is_not_null()).arg_true()
    if others.is_empty():
        return found
    others = others.filter(texts[others].str.contains(_DOLLARS))
    digits = texts[others].str.strip_prefix("$").str.replace_all(",", "", literal=True)
    return found.scatter(others, digits.cast(pl.Float64))


def _read_others(texts: pl.Series, found: pl.Series, read: Callable[[str], float | str | None]) -> pl.Series:
    """The values found, and those of the texts without one, as `read` returns them."""
    others = (found.is_null() & texts.is_not_null() & (texts != "")).arg_true()
    if others.is_empty():
        return found

    def value(text: str) -> float | str | None:
        try:
            return read(text)
        except UnreadableText:
            return None

    return found.scatter(others, _by_text(texts[others], value, found.dtype))


def _by_text(texts: pl.Series, value: Callable[[str], object], dtype: pl.DataType) -> pl.Series:
    """The value of each text, computed once for equal ones; null stays null."""
    distinct = texts.drop_nulls().unique()
    values = pl.Series([value(text) for text in distinct], dtype=dtype)
    return texts.replace_strict(distinct, values, default=None, return_dtype=dtype)
