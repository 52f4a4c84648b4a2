"""Parsing and checking of each field as polars expressions over a column.

The limits are the product's, the spellings those of `domain.products.spelling`. Files alone have an empty cell for
`n/a`, and conventions that their sender states.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from adapters.loan_files.columns import ISSUE_DATE, OUTCOME_NUMBERS, OUTCOME_TEXTS, ColumnRequirements
from adapters.loan_files.issue_dates import ALLOWED as ALLOWED_DATES
from adapters.loan_files.issue_dates import DayOrder, issue_date_parser
from adapters.loan_files.spelled_columns import (
    CONVERTED_DECIMALS,
    Reasons,
    absent_texts,
    choice_texts,
    missing_texts,
    number_texts,
)
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.products.fields import ChoiceField, NumberField

_SINGLE_PRECISION_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class FieldParser:
    """How a field is parsed from its raw column, and the error messages for values that are not accepted.

    `value` is null where nothing can be parsed. `quick_check` checks the parsed column: a value is present and
    within its limits. `allowed` is the exact check of the raw column; it also accepts a missing optional value.
    """

    name: str
    text: pl.Expr
    value: pl.Expr
    quick_check: pl.Expr
    allowed: pl.Expr
    unreadable: pl.Expr
    out_of_range: str

    @property
    def fault(self) -> pl.Expr:
        """The error message for rows that are not allowed."""
        return pl.when(self.value.is_null()).then(self.unreadable).otherwise(pl.lit(self.out_of_range))


def field_parsers(schema: pl.Schema, requirements: ColumnRequirements) -> Sequence[FieldParser]:
    """The parser of each field for columns of these types, in the fields' order."""
    return _field_parsers(tuple(schema.items()), requirements)


@lru_cache(maxsize=8)
def _field_parsers(
    columns: tuple[tuple[str, pl.DataType], ...], requirements: ColumnRequirements
) -> tuple[FieldParser, ...]:
    """Cached, so that a file's parsers are built once for all its chunks."""
    schema, conventions = dict(columns), requirements.conventions
    fields: list[FieldParser] = []
    for field in requirements.product.fields:
        if isinstance(field, NumberField):
            number = replace(field, optional=requirements.may_be_missing(field))
            fields.append(_number_parser(number, schema, conventions))
        else:
            is_term = field.name == requirements.product.term
            fields.append(_term_parser(field) if is_term else _choice_parser(field))
    outcomes = _outcome_parsers(schema, requirements) if requirements.outcomes else ()
    return (*fields, *outcomes)


def _number_parser(
    field: NumberField, schema: Mapping[str, pl.DataType], conventions: FileConventions
) -> FieldParser:
    text, value = text_of(field.name), _parsed_number(field, schema[field.name], conventions)
    within, stated = _within_limits(field, value), conventions.stated_for(field)
    read_as = f", read as {stated.value}" if stated and conventions.factor(field) != 1 else ""
    absent = _by_column(text, absent_texts(field, conventions), pl.Boolean())
    return FieldParser(
        field.name,
        text,
        value,
        quick_check=_within_limits(field, pl.col(field.name)),
        allowed=within | (value.is_null() & absent) if field.optional else within,
        unreadable=_by_column(text, Reasons(field, conventions), pl.String()),
        out_of_range=f"is out of range{read_as}; allowed: {field.allowed}",
    )


def _within_limits(field: NumberField, value: pl.Expr) -> pl.Expr:
    """Whether the number is within the field's limits; NaN and the infinities never are."""
    within = value.is_between(field.minimum, field.maximum)
    if field.whole:
        within &= value == value.floor()
    return within.fill_null(value=False)


def _parsed_number(field: NumberField, dtype: pl.DataType, conventions: FileConventions) -> pl.Expr:
    if dtype.is_numeric():
        number = pl.col(field.name).cast(pl.Float64, strict=False).fill_nan(None)
        factor, single = conventions.factor(field), dtype == pl.Float32
        decimals = _SINGLE_PRECISION_DECIMALS if single else CONVERTED_DECIMALS
        return number if factor == 1 else (number * factor).round(decimals)
    return _by_column(text_of(field.name), number_texts(field, conventions), pl.Float64())


def _choice_parser(field: ChoiceField) -> FieldParser:
    text = text_of(field.name)
    return _enumerated_parser(field, text, _by_column(text, choice_texts(field), pl.Enum(field.choices)))


def _term_parser(field: ChoiceField) -> FieldParser:
    text = text_of(field.name)
    months = {choice: int(number) for choice, number in field.number_by_choice.items()}
    choice = _by_column(text, choice_texts(field), pl.Enum(field.choices))
    number = choice.cast(pl.String).replace_strict(months, default=None, return_dtype=pl.Int64)
    return _enumerated_parser(field, text, number)


def _enumerated_parser(field: ChoiceField, text: pl.Expr, value: pl.Expr) -> FieldParser:
    known, allowed = pl.col(field.name).is_not_null(), value.is_not_null()
    if field.optional:
        allowed |= _by_column(text, absent_texts(field, AS_DEFINED), pl.Boolean())
    unreadable = _by_column(text, Reasons(field, AS_DEFINED), pl.String())
    return FieldParser(field.name, text, value, known, allowed, unreadable, "")


def _by_column(text: pl.Expr, function: Callable[[pl.Series], pl.Series], dtype: pl.DataType) -> pl.Expr:
    return text.map_batches(function, return_dtype=dtype)


def _outcome_parsers(schema: Mapping[str, pl.DataType], requirements: ColumnRequirements) -> list[FieldParser]:
    conventions, found = requirements.conventions, list[FieldParser]()
    if ISSUE_DATE in schema:
        found.append(_issue_date_parser(schema, requirements.day_order))
    found += [_text_parser(name) for name in OUTCOME_TEXTS if name in schema]
    found += [_number_parser(field, schema, conventions) for field in OUTCOME_NUMBERS if field.name in schema]
    return found


def _text_parser(name: str) -> FieldParser:
    text = text_of(name)
    always = pl.lit(True)
    return FieldParser(name, text, text, always, always, pl.lit(""), "")


def _issue_date_parser(schema: Mapping[str, pl.DataType], order: DayOrder | None) -> FieldParser:
    text = text_of(ISSUE_DATE)
    if schema[ISSUE_DATE].is_temporal():
        value = pl.col(ISSUE_DATE).cast(pl.Date, strict=False)
    else:
        value = text.map_batches(issue_date_parser(order), return_dtype=pl.Date)
    wrong = f"is not a date of issue; allowed: {ALLOWED_DATES}"
    quick_check, allowed = pl.col(ISSUE_DATE).is_not_null(), value.is_not_null() | is_missing(text)
    return FieldParser(ISSUE_DATE, text, value, quick_check, allowed, pl.lit(wrong), wrong)


def text_of(name: str) -> pl.Expr:
    """The column as text, without leading and trailing spaces."""
    return pl.col(name).cast(pl.String).str.strip_chars()


def is_missing(text: pl.Expr) -> pl.Expr:
    """Whether the text represents a missing value."""
    return _by_column(text, missing_texts, pl.Boolean())
