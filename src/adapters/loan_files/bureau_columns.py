"""Columns about the credit bureau's data, which a file may have beside those of the product."""

import re
from collections.abc import Mapping
from datetime import date

import polars as pl

from adapters.loan_files.field_parsing import FieldParser, is_missing, text_of
from adapters.loan_files.issue_dates import ALLOWED as ALLOWED_DATES
from adapters.loan_files.issue_dates import DayOrder, issue_date_parser
from domain.applications.bureau_fields import BUREAU_REPORT_DATE, BUREAU_STATUS
from domain.decisions.bureau_data import STATUSES

TYPES: Mapping[str, pl.DataType] = {BUREAU_STATUS: pl.String(), BUREAU_REPORT_DATE: pl.Date()}
"""The columns of accepted rows."""
_SYNONYMS = {"hit": "found", "no hit": "missing", "not found": "missing"}
_SEPARATORS = re.compile(r"[\s_-]+")


def bureau_parsers(schema: Mapping[str, pl.DataType], order: DayOrder | None) -> list[FieldParser]:
    """The parsers of these columns that a table of raw cells has.

    The word "missing" is a status here and no missing value, so that words for those are refused: only an empty
    cell states no status.
    """
    found = [_status_parser()] if BUREAU_STATUS in schema else []
    return [*found, _date_parser(schema[BUREAU_REPORT_DATE], order)] if BUREAU_REPORT_DATE in schema else found


def _status_parser() -> FieldParser:
    text = text_of(BUREAU_STATUS)
    value = text.map_batches(_statuses, return_dtype=pl.String())
    wrong = f"is not a bureau status; allowed: {', '.join(STATUSES)}, or an empty cell"
    known, empty = pl.col(BUREAU_STATUS).is_not_null(), text.is_null() | (text == "")
    return FieldParser(BUREAU_STATUS, text, value, known, value.is_not_null() | empty, pl.lit(wrong), "")


def _statuses(texts: pl.Series) -> pl.Series:
    words = {text: _status(text) for text in texts.drop_nulls().unique()}
    return texts.replace_strict(words, default=None, return_dtype=pl.String)


def _status(text: str) -> str | None:
    word = _SEPARATORS.sub(" ", text.strip().casefold())
    word = _SYNONYMS.get(word, word)
    return word if word in STATUSES else None


def _date_parser(dtype: pl.DataType, order: DayOrder | None) -> FieldParser:
    text = text_of(BUREAU_REPORT_DATE)
    value: pl.Expr
    if dtype.is_temporal():
        day = pl.col(BUREAU_REPORT_DATE).cast(pl.Date, strict=False)
        value = pl.when(day <= date.today()).then(day)  # noqa: DTZ011 - a day, in any zone
    else:
        value = text.map_batches(issue_date_parser(order), return_dtype=pl.Date())
    wrong = f"is not a date up to today; allowed: {ALLOWED_DATES}"
    quick_check, allowed = pl.col(BUREAU_REPORT_DATE).is_not_null(), value.is_not_null() | is_missing(text)
    return FieldParser(BUREAU_REPORT_DATE, text, value, quick_check, allowed, pl.lit(wrong), "")
