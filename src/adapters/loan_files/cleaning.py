"""One reading of each field, as columns: its text, its value, and what is wrong with it.

The limits are the domain's; only the ways of writing that files allow and the API does not are told here: outer
spaces, `%` after percentages, `2.0` for a whole number, 36 for `36 months`, nothing for `n/a`.
"""

from dataclasses import dataclass, replace

import polars as pl

from adapters.loan_files.columns import ISSUE_DATE, OUTCOME_NUMBERS, OUTCOME_TEXTS, Wanted
from domain.lending.fields import FIELDS, ChoiceField, NumberField
from domain.lending.loan_terms import Term

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
    """A field's `text` and `value`, whether that is `allowed`, and what is said where it is not."""

    name: str
    text: pl.Expr
    value: pl.Expr
    allowed: pl.Expr
    unreadable: str
    out_of_range: str
    missing: str

    @property
    def fault(self) -> pl.Expr:
        """Why the field is refused; null where it is not."""
        return (
            pl.when(self.allowed)
            .then(None)
            .when(_is_missing(self.text))
            .then(pl.lit(self.missing))
            .when(self.value.is_null())
            .then(pl.lit(self.unreadable))
            .otherwise(pl.lit(self.out_of_range))
        )


def readings(schema: pl.Schema, wanted: Wanted) -> list[Reading]:
    """How each field is read from columns of these types, in the fields' order."""
    fields: list[Reading] = []
    for field in FIELDS:
        if isinstance(field, NumberField):
            fields.append(_number(replace(field, optional=field.name in wanted.may_be_missing), schema))
        else:
            fields.append(_term(field) if field.name == "term" else _choice(field))
    return [*fields, *(_outcomes(schema) if wanted.outcomes else ())]


def _number(field: NumberField, schema: pl.Schema) -> Reading:
    text, value = _text(field.name), _parsed(field, schema[field.name])
    allowed = value.is_between(field.minimum, field.maximum)  # not-a-number and infinity are not
    if field.whole:
        allowed &= value == value.floor()
    allowed = allowed.fill_null(value=False)
    if field.optional:
        allowed |= value.is_null() & _is_missing(text)
    return Reading(
        field.name,
        text,
        value,
        allowed,
        unreadable=f"is not a number; allowed: {field.allowed}",
        out_of_range=f"is out of range; allowed: {field.allowed}",
        missing=f"is missing; allowed: {field.allowed}",
    )


def _parsed(field: NumberField, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_numeric():
        return pl.col(field.name).cast(pl.Float64, strict=False)
    text = _text(field.name)
    if field.unit == "%":
        text = text.str.strip_suffix("%").str.strip_chars_end()
    return text.cast(pl.Float64, strict=False)


def _choice(field: ChoiceField) -> Reading:
    text, words = _text(field.name), pl.Enum(field.choices)
    value = text.cast(words, strict=False)
    if _NOT_GIVEN in field.choices:
        value = pl.when(_is_missing(text)).then(pl.lit(_NOT_GIVEN).cast(words)).otherwise(value)
    return _word(field, text, value)


def _term(field: ChoiceField) -> Reading:
    text = _text(field.name)
    return _word(field, text, text.replace_strict(_TERM_SPELLINGS, default=None, return_dtype=pl.Int64))


def _word(field: ChoiceField, text: pl.Expr, value: pl.Expr) -> Reading:
    unknown, missing = f"is not known; allowed: {field.allowed}", f"is missing; allowed: {field.allowed}"
    return Reading(field.name, text, value, value.is_not_null(), unknown, unknown, missing)


def _outcomes(schema: pl.Schema) -> list[Reading]:
    found: list[Reading] = [_issue_date(schema)] if ISSUE_DATE in schema else []
    found += [_free_text(name) for name in OUTCOME_TEXTS if name in schema]
    found += [_number(field, schema) for field in OUTCOME_NUMBERS if field.name in schema]
    return found


def _free_text(name: str) -> Reading:
    text = _text(name)
    return Reading(name, text, text, pl.lit(True), "", "", "")


def _issue_date(schema: pl.Schema) -> Reading:
    text = _text(ISSUE_DATE)
    if schema[ISSUE_DATE].is_temporal():
        value = pl.col(ISSUE_DATE).cast(pl.Date, strict=False)
    else:
        value = pl.coalesce(
            ("01-" + text).str.to_date("%d-%b-%Y", strict=False),
            text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
        )
    wrong = "is not a date; allowed: a month such as Dec-2011, a day such as 2014-06-30, or nothing"
    return Reading(ISSUE_DATE, text, value, value.is_not_null() | _is_missing(text), wrong, wrong, "")


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars()


def _is_missing(text: pl.Expr) -> pl.Expr:
    return text.is_null() | text.is_in(_MISSING)
