"""Separates the rows that can be scored from the errors of the others."""

from collections.abc import Sequence

import polars as pl

from adapters.loan_files.bureau_columns import bureau_parsers
from adapters.loan_files.caller_columns import caller_parsers
from adapters.loan_files.chunk import REFUSED_SCHEMA
from adapters.loan_files.columns import ISSUE_DATE, OUTCOME_NUMBERS, OUTCOME_TEXTS, ColumnRequirements
from adapters.loan_files.field_parsing import FieldParser, field_parsers
from adapters.loan_files.household import column_read, with_household_figures
from domain.applications.superseding import SUPERSEDES
from domain.batches.kept_columns import KEPT
from domain.products.fields import NumberField
from domain.products.product_definition import ProductDefinition

_MAX_SHOWN = 200
WHOLE_ROW = "(row)"
_REFUSED_LATER = ("application_reference", SUPERSEDES)
_Range = tuple[FieldParser, FieldParser]
"""The low and the high end of a range, which must be in order."""
_OUTCOME_TYPES: dict[str, pl.DataType] = {
    ISSUE_DATE: pl.Date(),
    **dict.fromkeys(OUTCOME_TEXTS, pl.String()),
    **{field.name: pl.Float64() for field in OUTCOME_NUMBERS},
}


def validate_rows(raw: pl.DataFrame, requirements: ColumnRequirements) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Accepted rows (`row`, the normalized fields, `line` if they may be refused later), faults (REFUSED_SCHEMA).

    `raw` holds the file's content: `row`, `line`, `broken_text` and `broken_reason` (null unless the row could not
    be split into fields), and each column read, under its normalized name and in the file's own type.
    """
    callers = (*caller_parsers(raw.schema), *bureau_parsers(raw.schema, requirements.day_order))
    fields = (*field_parsers(raw.schema, requirements), *callers)
    product = requirements.product
    loans = with_household_figures(raw, product)
    rows = loans.select("row", *(field.value.alias(field.name) for field in fields), *_lines(raw))
    ranges = _ranges(product, fields)
    accepted = _accepted(loans, rows, fields, ranges)
    refused = REFUSED_SCHEMA.to_frame()
    if not accepted.all():
        refused, rows = _faults(raw.filter(~accepted), product, fields, ranges), rows.filter(accepted)
    return (_with_every_outcome(rows) if requirements.outcomes else rows), refused


def _lines(raw: pl.DataFrame) -> list[str]:
    """Rows are refused later, too, if another application has their reference, or they may not supersede."""
    return ["line"] if any(name in raw.columns for name in _REFUSED_LATER) else []


def _ranges(product: ProductDefinition, fields: Sequence[FieldParser]) -> list[_Range]:
    by_name = {field.name: field for field in fields}
    return [
        (by_name[field.not_below], by_name[field.name])
        for field in product.fields
        if isinstance(field, NumberField) and field.not_below
    ]


def _accepted(
    loans: pl.DataFrame, rows: pl.DataFrame, fields: Sequence[FieldParser], ranges: Sequence[_Range]
) -> pl.Series:
    """Most rows pass the quick check; only the others are checked against the exact rule."""
    ordered = [(pl.col(low.name) <= pl.col(high.name)).fill_null(value=False) for low, high in ranges]
    quick_check = rows.select(pl.all_horizontal(*ordered, *(field.quick_check for field in fields)))
    accepted = quick_check.to_series() & loans["broken_reason"].is_null()
    doubtful = accepted.not_().arg_true()
    if len(doubtful):
        whole = pl.col("broken_reason").is_null()
        exact = pl.all_horizontal(whole, *map(_in_order, ranges), *(field.allowed for field in fields))
        accepted = accepted.scatter(doubtful, loans[doubtful].select(exact).to_series())
    return accepted


def _faults(
    raw: pl.DataFrame, product: ProductDefinition, fields: Sequence[FieldParser], ranges: Sequence[_Range]
) -> pl.DataFrame:
    """Every error, in the order of rows and fields."""
    broken = raw.filter(pl.col("broken_reason").is_not_null()).select(
        "row", "line", pl.lit(WHOLE_ROW).alias("field"), value="broken_text", reason="broken_reason"
    )
    whole = raw.filter(pl.col("broken_reason").is_null())
    columns_read = {f.name: column_read(f.name, raw.schema, product) for f in fields}
    named = whole.with_columns(expr.alias(f"from {name}") for name, expr in columns_read.items())
    whole = with_household_figures(named, product)
    faults = [_faults_of(whole.filter(~f.allowed), f.name, f.text, f.fault) for f in fields]
    for low, high in ranges:
        above = pl.lit(f"is above {high.name}; allowed: at or below it")
        faults.append(_faults_of(whole.filter(~_in_order((low, high))), low.name, low.text, above))
    return pl.concat([broken, *faults]).sort("row", maintain_order=True)


def _faults_of(loans: pl.DataFrame, name: str, text: pl.Expr, fault: pl.Expr) -> pl.DataFrame:
    value = text.str.slice(0, _MAX_SHOWN).fill_null("")
    field = pl.col(f"from {name}").str.strip_prefix(KEPT)
    return loans.select("row", "line", field=field, value=value, reason=fault)


def _in_order(ends: _Range) -> pl.Expr:
    """True also if an end of the range is itself refused, so that one error is not reported twice."""
    low, high = ends
    return ~(low.allowed & high.allowed & (low.value > high.value)).fill_null(value=False)


def _with_every_outcome(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the outcome columns that the file lacks; a loan without a sample weight has the weight 1."""
    absent = [pl.lit(None, dtype).alias(n) for n, dtype in _OUTCOME_TYPES.items() if n not in rows.columns]
    ordered = [name for name in rows.columns if name not in _OUTCOME_TYPES] + list(_OUTCOME_TYPES)
    return rows.with_columns(absent).with_columns(pl.col("sample_weight").fill_null(1.0)).select(ordered)
