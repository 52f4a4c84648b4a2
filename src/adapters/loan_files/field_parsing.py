"""Parsing and checking of each field as polars expressions over a column.

The limits are the product's. Defined here are only the spellings that files may use and the API does not accept:
leading and trailing spaces, `%` after percentages, `2.0` for an integer, 36 for the term `36 months`, an empty
cell for `n/a`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from adapters.loan_files.columns import ISSUE_DATE, OUTCOME_NUMBERS, OUTCOME_TEXTS, ColumnRequirements
from adapters.loan_files.issue_dates import ALLOWED as ALLOWED_DATES
from adapters.loan_files.issue_dates import DayOrder, issue_date_parser
from domain.products.fields import ChoiceField, NumberField

_MISSING = ("", "n/a", "N/A", "na", "NA", "null", "NULL")
_NOT_APPLICABLE = "n/a"


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
    unreadable: str
    out_of_range: str
    missing: str

    @property
    def fault(self) -> pl.Expr:
        """The error message for rows that are not allowed."""
        return (
            pl.when(is_missing(self.text))
            .then(pl.lit(self.missing))
            .when(self.value.is_null())
            .then(pl.lit(self.unreadable))
            .otherwise(pl.lit(self.out_of_range))
        )


def field_parsers(schema: pl.Schema, requirements: ColumnRequirements) -> Sequence[FieldParser]:
    """The parser of each field for columns of these types, in the fields' order."""
    return _field_parsers(tuple(schema.items()), requirements)


@lru_cache(maxsize=8)
def _field_parsers(
    columns: tuple[tuple[str, pl.DataType], ...], requirements: ColumnRequirements
) -> tuple[FieldParser, ...]:
    """Cached, so that a file's parsers are built once for all its chunks."""
    schema = dict(columns)
    fields: list[FieldParser] = []
    for field in requirements.product.fields:
        if isinstance(field, NumberField):
            fields.append(_number_parser(replace(field, optional=requirements.may_be_missing(field)), schema))
        else:
            is_term = field.name == requirements.product.term
            fields.append(_term_parser(field) if is_term else _choice_parser(field))
    return (*fields, *(_outcome_parsers(schema, requirements.day_order) if requirements.outcomes else ()))


def _number_parser(field: NumberField, schema: Mapping[str, pl.DataType]) -> FieldParser:
    text, value = text_of(field.name), _parsed_number(field, schema[field.name])
    within = _within_limits(field, value)
    return FieldParser(
        field.name,
        text,
        value,
        quick_check=_within_limits(field, pl.col(field.name)),
        allowed=within | (value.is_null() & is_missing(text)) if field.optional else within,
        unreadable=f"is not a number; allowed: {field.allowed}",
        out_of_range=f"is out of range; allowed: {field.allowed}",
        missing=f"is missing; allowed: {field.allowed}",
    )


def _within_limits(field: NumberField, value: pl.Expr) -> pl.Expr:
    """Whether the number is within the field's limits; NaN and the infinities never are."""
    within = value.is_between(field.minimum, field.maximum)
    if field.whole:
        within &= value == value.floor()
    return within.fill_null(value=False)


def _parsed_number(field: NumberField, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_numeric():
        return pl.col(field.name).cast(pl.Float64, strict=False).fill_nan(None)
    text = text_of(field.name)
    if field.unit == "%":
        text = text.str.strip_suffix("%").str.strip_chars_end()
    return text.cast(pl.Float64, strict=False).fill_nan(None)


def _choice_parser(field: ChoiceField) -> FieldParser:
    text, words = text_of(field.name), pl.Enum(field.choices)
    value = text.cast(words, strict=False)
    if _NOT_APPLICABLE in field.choices:
        value = pl.when(is_missing(text)).then(pl.lit(_NOT_APPLICABLE).cast(words)).otherwise(value)
    return _enumerated_parser(field, text, value)


def _term_parser(field: ChoiceField) -> FieldParser:
    text = text_of(field.name)
    numbers = field.number_by_choice.items()
    months = {spelling: int(number) for choice, number in numbers for spelling in _spellings(choice, number)}
    return _enumerated_parser(field, text, text.replace_strict(months, default=None, return_dtype=pl.Int64))


def _spellings(choice: str, number: float) -> list[str]:
    """The spellings of a term: `36 months`, 36, 36.0 and `36.0 months`."""
    whole = f"{number:.0f}"
    unit = choice.removeprefix(whole) if choice.startswith(whole) else ""
    return [choice, whole, f"{whole}.0", f"{whole}.0{unit}"]


def _enumerated_parser(field: ChoiceField, text: pl.Expr, value: pl.Expr) -> FieldParser:
    unknown, missing = f"is not recognized; allowed: {field.allowed}", f"is missing; allowed: {field.allowed}"
    known, allowed = pl.col(field.name).is_not_null(), value.is_not_null()
    if field.optional:
        allowed |= is_missing(text)
    return FieldParser(field.name, text, value, known, allowed, unknown, unknown, missing)


def _outcome_parsers(schema: Mapping[str, pl.DataType], order: DayOrder | None) -> list[FieldParser]:
    found: list[FieldParser] = [_issue_date_parser(schema, order)] if ISSUE_DATE in schema else []
    found += [_text_parser(name) for name in OUTCOME_TEXTS if name in schema]
    found += [_number_parser(field, schema) for field in OUTCOME_NUMBERS if field.name in schema]
    return found


def _text_parser(name: str) -> FieldParser:
    text = text_of(name)
    always = pl.lit(True)
    return FieldParser(name, text, text, always, always, "", "", "")


def _issue_date_parser(schema: Mapping[str, pl.DataType], order: DayOrder | None) -> FieldParser:
    text = text_of(ISSUE_DATE)
    if schema[ISSUE_DATE].is_temporal():
        value = pl.col(ISSUE_DATE).cast(pl.Date, strict=False)
    else:
        value = text.map_batches(issue_date_parser(order), return_dtype=pl.Date)
    wrong = f"is not a date of issue; allowed: {ALLOWED_DATES}"
    quick_check, allowed = pl.col(ISSUE_DATE).is_not_null(), value.is_not_null() | is_missing(text)
    return FieldParser(ISSUE_DATE, text, value, quick_check, allowed, wrong, wrong, "")


def text_of(name: str) -> pl.Expr:
    """The column as text, without leading and trailing spaces."""
    return pl.col(name).cast(pl.String).str.strip_chars()


def is_missing(text: pl.Expr) -> pl.Expr:
    """Whether the text represents a missing value."""
    return text.is_null() | text.is_in(_MISSING)
