"""One reading of each field, as columns: its text, its value, and what is wrong with it.

The limits are the domain's; only the ways of writing that files allow and the API does not are told here: outer
spaces, `%` after percentages, `2.0` for a whole number, 36 for `36 months`, nothing for `n/a`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from adapters.loan_files.columns import ISSUE_DATE, OUTCOME_NUMBERS, OUTCOME_TEXTS, Wanted
from domain.applications.fields import FIELDS, ChoiceField, NumberField
from domain.applications.loan_terms import Term

_MISSING = ("", "n/a", "N/A", "na", "NA", "null", "NULL")
_NOT_GIVEN = "n/a"
_TERM_SPELLINGS = {
    f"{term.value}{point}{months}": term.value
    for term in Term
    for point in ("", ".0")
    for months in ("", " months")
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a field is read from its raw column, and what is said where that fails.

    `value` is null where nothing readable stands. `plain` is asked of the columns of values and is quick: a value
    stands there, within its limits. `allowed` is asked of the raw columns and is exact: a number that may be
    missing is allowed where it is.
    """

    name: str
    text: pl.Expr
    value: pl.Expr
    plain: pl.Expr
    allowed: pl.Expr
    unreadable: str
    out_of_range: str
    missing: str

    @property
    def fault(self) -> pl.Expr:
        """Why the field is refused, for rows where it is not allowed."""
        return (
            pl.when(is_missing(self.text))
            .then(pl.lit(self.missing))
            .when(self.value.is_null())
            .then(pl.lit(self.unreadable))
            .otherwise(pl.lit(self.out_of_range))
        )


def readings(schema: pl.Schema, wanted: Wanted) -> Sequence[Reading]:
    """How each field is read from columns of these types, in the fields' order."""
    return _readings(tuple(schema.items()), wanted)


@lru_cache(maxsize=8)
def _readings(columns: tuple[tuple[str, pl.DataType], ...], wanted: Wanted) -> tuple[Reading, ...]:
    """Made once for a file, however many chunks are read of it."""
    schema = dict(columns)
    fields: list[Reading] = []
    for field in FIELDS:
        if isinstance(field, NumberField):
            fields.append(_number(replace(field, optional=field.name in wanted.may_be_missing), schema))
        else:
            fields.append(_term(field) if field.name == "term" else _choice(field))
    return (*fields, *(_outcomes(schema) if wanted.outcomes else ()))


def _number(field: NumberField, schema: Mapping[str, pl.DataType]) -> Reading:
    text, value = text_of(field.name), _parsed(field, schema[field.name])
    within = _within(field, value)
    return Reading(
        field.name,
        text,
        value,
        plain=_within(field, pl.col(field.name)),
        allowed=within | (value.is_null() & is_missing(text)) if field.optional else within,
        unreadable=f"is not a number; allowed: {field.allowed}",
        out_of_range=f"is out of range; allowed: {field.allowed}",
        missing=f"is missing; allowed: {field.allowed}",
    )


def _within(field: NumberField, value: pl.Expr) -> pl.Expr:
    """Whether the number keeps the field's limits; not-a-number and the infinities keep none."""
    within = value.is_between(field.minimum, field.maximum)
    if field.whole:
        within &= value == value.floor()
    return within.fill_null(value=False)


def _parsed(field: NumberField, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_numeric():
        return pl.col(field.name).cast(pl.Float64, strict=False).fill_nan(None)
    text = text_of(field.name)
    if field.unit == "%":
        text = text.str.strip_suffix("%").str.strip_chars_end()
    return text.cast(pl.Float64, strict=False).fill_nan(None)


def _choice(field: ChoiceField) -> Reading:
    text, words = text_of(field.name), pl.Enum(field.choices)
    value = text.cast(words, strict=False)
    if _NOT_GIVEN in field.choices:
        value = pl.when(is_missing(text)).then(pl.lit(_NOT_GIVEN).cast(words)).otherwise(value)
    return _word(field, text, value)


def _term(field: ChoiceField) -> Reading:
    text = text_of(field.name)
    return _word(field, text, text.replace_strict(_TERM_SPELLINGS, default=None, return_dtype=pl.Int64))


def _word(field: ChoiceField, text: pl.Expr, value: pl.Expr) -> Reading:
    unknown, missing = f"is not known; allowed: {field.allowed}", f"is missing; allowed: {field.allowed}"
    known = pl.col(field.name).is_not_null()
    return Reading(field.name, text, value, known, value.is_not_null(), unknown, unknown, missing)


def _outcomes(schema: Mapping[str, pl.DataType]) -> list[Reading]:
    found: list[Reading] = [_issue_date(schema)] if ISSUE_DATE in schema else []
    found += [_free_text(name) for name in OUTCOME_TEXTS if name in schema]
    found += [_number(field, schema) for field in OUTCOME_NUMBERS if field.name in schema]
    return found


def _free_text(name: str) -> Reading:
    text = text_of(name)
    anything = pl.lit(True)
    return Reading(name, text, text, anything, anything, "", "", "")


def _issue_date(schema: Mapping[str, pl.DataType]) -> Reading:
    text = text_of(ISSUE_DATE)
    if schema[ISSUE_DATE].is_temporal():
        value = pl.col(ISSUE_DATE).cast(pl.Date, strict=False)
    else:
        value = pl.coalesce(
            ("01-" + text).str.to_date("%d-%b-%Y", strict=False),
            text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
        )
    wrong = "is not a date; allowed: a month such as Dec-2011, a day such as 2014-06-30, or nothing"
    plain, allowed = pl.col(ISSUE_DATE).is_not_null(), value.is_not_null() | is_missing(text)
    return Reading(ISSUE_DATE, text, value, plain, allowed, wrong, wrong, "")


def text_of(name: str) -> pl.Expr:
    """What stands in the column, without outer spaces."""
    return pl.col(name).cast(pl.String).str.strip_chars()


def is_missing(text: pl.Expr) -> pl.Expr:
    """Whether the text says that nothing is known."""
    return text.is_null() | text.is_in(_MISSING)
