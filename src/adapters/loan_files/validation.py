"""Separates the rows that can be scored from the errors of the others."""

from collections.abc import Sequence

import polars as pl

from adapters.loan_files.chunk import REFUSED_SCHEMA
from adapters.loan_files.columns import ISSUE_DATE, OUTCOME_NUMBERS, OUTCOME_TEXTS, ColumnRequirements
from adapters.loan_files.field_parsing import FieldParser, field_parsers
from adapters.loan_files.household import column_read, with_household_figures

_MAX_SHOWN = 200
WHOLE_ROW = "(row)"
_OUTCOME_TYPES: dict[str, pl.DataType] = {
    ISSUE_DATE: pl.Date(),
    **dict.fromkeys(OUTCOME_TEXTS, pl.String()),
    **{field.name: pl.Float64() for field in OUTCOME_NUMBERS},
}


def validate_rows(raw: pl.DataFrame, requirements: ColumnRequirements) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Accepted rows (`row` and the normalized fields) and refused fields (REFUSED_SCHEMA).

    `raw` holds the file's content: `row`, `line`, `broken_text` and `broken_reason` (null unless the row could not
    be split into fields), and each column read, under its normalized name and in the file's own type.
    """
    fields = field_parsers(raw.schema, requirements)
    loans = with_household_figures(raw)
    rows = loans.select("row", *(field.value.alias(field.name) for field in fields))
    accepted = _accepted(loans, rows, fields)
    refused = REFUSED_SCHEMA.to_frame() if accepted.all() else _faults(raw.filter(~accepted), fields)
    rows = rows if accepted.all() else rows.filter(accepted)
    return (_with_every_outcome(rows) if requirements.outcomes else rows), refused


def _accepted(loans: pl.DataFrame, rows: pl.DataFrame, fields: Sequence[FieldParser]) -> pl.Series:
    """Most rows pass the quick check; only the others are checked against the exact rule."""
    band = pl.col("fico_range_low") <= pl.col("fico_range_high")
    quick_check = rows.select(
        pl.all_horizontal(band.fill_null(value=False), *(field.quick_check for field in fields))
    )
    accepted = quick_check.to_series() & loans["broken_reason"].is_null()
    doubtful = accepted.not_().arg_true()
    if len(doubtful):
        whole = pl.col("broken_reason").is_null()
        exact = pl.all_horizontal(whole, _band_in_order(fields), *(field.allowed for field in fields))
        accepted = accepted.scatter(doubtful, loans[doubtful].select(exact).to_series())
    return accepted


def _faults(raw: pl.DataFrame, fields: Sequence[FieldParser]) -> pl.DataFrame:
    """Every error, in the order of rows and fields."""
    broken = raw.filter(pl.col("broken_reason").is_not_null()).select(
        "row", "line", pl.lit(WHOLE_ROW).alias("field"), value="broken_text", reason="broken_reason"
    )
    whole = raw.filter(pl.col("broken_reason").is_null())
    columns_read = {f.name: column_read(f.name, raw.schema) for f in fields}
    whole = with_household_figures(whole.with_columns(expr.alias(f"from {n}") for n, expr in columns_read.items()))
    faults = [_faults_of(whole.filter(~f.allowed), f.name, f.text, f.fault) for f in fields]
    low = next(field for field in fields if field.name == "fico_range_low")
    inverted = whole.filter(~_band_in_order(fields))
    above = pl.lit("is above fico_range_high; allowed: at or below it")
    faults.append(_faults_of(inverted, low.name, low.text, above))
    return pl.concat([broken, *faults]).sort("row", maintain_order=True)


def _faults_of(loans: pl.DataFrame, name: str, text: pl.Expr, fault: pl.Expr) -> pl.DataFrame:
    value = text.str.slice(0, _MAX_SHOWN).fill_null("")
    return loans.select("row", "line", field=pl.col(f"from {name}"), value=value, reason=fault)


def _band_in_order(fields: Sequence[FieldParser]) -> pl.Expr:
    """True also if an end of the FICO band is itself refused, so that one error is not reported twice."""
    by_name = {field.name: field for field in fields}
    low, high = by_name["fico_range_low"], by_name["fico_range_high"]
    return ~(low.allowed & high.allowed & (low.value > high.value)).fill_null(value=False)


def _with_every_outcome(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the outcome columns that the file lacks; a loan without a sample weight has the weight 1."""
    absent = [pl.lit(None, dtype).alias(n) for n, dtype in _OUTCOME_TYPES.items() if n not in rows.columns]
    ordered = [name for name in rows.columns if name not in _OUTCOME_TYPES] + list(_OUTCOME_TYPES)
    return rows.with_columns(absent).with_columns(pl.col("sample_weight").fill_null(1.0)).select(ordered)
