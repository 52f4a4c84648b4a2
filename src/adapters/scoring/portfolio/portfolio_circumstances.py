"""Circumstances as columns of a chunk of loans: what rules measure, and what the records state.

A chunk has a column only if it is known of a loan. Nothing known of a loan is null.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from domain.applications.bureau_fields import BUREAU_REPORT_DATE, BUREAU_STATUS
from domain.applications.money import Money
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauStatus, Circumstances
from domain.policies.circumstance_measures import USUAL_FACTS, Facts

STATUS, REPORT_DATE = BUREAU_STATUS, BUREAU_REPORT_DATE
REPORT_AGE = "bureau:report_age_days"
SINCE_APPLICATION, SINCE_DECLINE = "history:days_since_application", "history:days_since_decline"
EXPOSURE, RELATED = "history:accepted_exposure", "history:related"
"""The exposure is in cents, related decisions are texts. No column of a file has a colon in its name."""

COLUMNS = (STATUS, REPORT_DATE, REPORT_AGE, RELATED, SINCE_APPLICATION, SINCE_DECLINE, EXPOSURE)
"""In the order of the fields of `Circumstances`."""
_MEASURED = tuple(name for name in COLUMNS if name not in {REPORT_DATE, RELATED})


def with_report_age(loans: pl.DataFrame) -> pl.DataFrame:
    """The chunk with the age of the bureau's reports in days, as of today (UTC)."""
    if REPORT_DATE not in loans.columns or REPORT_AGE in loans.columns:
        return loans
    age = pl.lit(datetime.now(UTC).date()) - pl.col(REPORT_DATE)
    return loans.with_columns(age.dt.total_days().clip(lower_bound=0).alias(REPORT_AGE))


def measured_columns(loans: pl.DataFrame) -> list[str]:
    """The columns of a chunk that rules measure, without those in which nothing is known."""
    return [name for name in _MEASURED if name in loans.columns and loans[name].null_count() < loans.height]


def facts_of(loans: pl.DataFrame) -> Facts:
    """The facts as columns (rows,); the usual ones if nothing is known of any loan."""
    if not measured_columns(loans):
        return USUAL_FACTS
    exposure, _, _, _, age, application, decline = USUAL_FACTS
    return (
        _numbers(loans, EXPOSURE, exposure) / 100,
        *(_is_not(loans, status) for status in (BureauStatus.MISSING, BureauStatus.FROZEN, BureauStatus.DISPUTED)),
        _numbers(loans, REPORT_AGE, age),
        _numbers(loans, SINCE_APPLICATION, application),
        _numbers(loans, SINCE_DECLINE, decline),
    )


def of_rows(facts: Facts, rows: slice | NDArray[np.intp]) -> Facts:
    """The facts of some rows."""
    return facts if facts is USUAL_FACTS else tuple(column[rows] for column in facts)


def circumstances(loans: pl.DataFrame) -> Iterator[Circumstances]:
    """The circumstances of each loan."""
    if not any(name in loans.columns and loans[name].null_count() < loans.height for name in COLUMNS):
        return iter([NO_CIRCUMSTANCES] * loans.height)
    columns = [loans[name].to_list() if name in loans.columns else [None] * loans.height for name in COLUMNS]
    return map(_circumstances, zip(*columns, strict=True))


def _circumstances(row: tuple[Any, ...]) -> Circumstances:
    if not any(value is not None for value in row):
        return NO_CIRCUMSTANCES
    status, report_date, age, related, since_application, since_decline, exposure = row
    return Circumstances(
        bureau_status=BureauStatus(status or BureauStatus.FOUND),
        bureau_report_date=report_date,
        bureau_report_age_days=age,
        related=tuple(map(UUID, related or ())),
        days_since_application=since_application,
        days_since_decline=since_decline,
        accepted_exposure=None if exposure is None else Money(exposure),
    )


def _numbers(loans: pl.DataFrame, name: str, unknown: float) -> Floats:
    if name not in loans.columns:
        return np.full(loans.height, unknown)
    numbers: Floats = loans[name].cast(pl.Float64).fill_null(unknown).to_numpy()
    return numbers


def _is_not(loans: pl.DataFrame, status: BureauStatus) -> Floats:
    """1 for each loan whose bureau status is another one, else 0."""
    if STATUS not in loans.columns:
        return np.ones(loans.height)
    other = loans[STATUS].cast(pl.String).fill_null("") != status.value
    flags: Floats = other.cast(pl.Float64).to_numpy()
    return flags
