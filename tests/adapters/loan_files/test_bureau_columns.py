"""The bureau's status and report date in files: usual names and spellings, and no doubt read as certainty."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.loan_files.reader import read_loans
from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.applications.bureau_fields import BUREAU_REPORT_DATE, BUREAU_STATUS
from domain.products.personal_loan import PERSONAL_LOAN
from support.loan_rows import LOAN, write_loans


def read(path: Path) -> tuple[pl.DataFrame, list[tuple[int, str, str]]]:
    """The accepted rows, and the refused fields with their rows and reasons."""
    chunks = list(read_loans(path, PERSONAL_LOAN))
    refused = [(fault.row, fault.field, fault.reason) for chunk in chunks for fault in chunk.refused_fields()]
    return pl.concat([chunk.rows for chunk in chunks]), refused


def column(tmp_path: Path, name: str, *cells: str) -> tuple[pl.DataFrame, list[Any]]:
    return read(write_loans(tmp_path / "loans.csv", [LOAN | {name: cell} for cell in cells]))


@pytest.mark.parametrize("name", ["bureau_status", "Bureau Status", "credit-bureau status", "bureau_result"])
def test_a_status_is_read_in_any_letter_case(tmp_path: Path, name: str) -> None:
    cells = ("found", " FROZEN ", "Disputed", "missing", "hit", "No-Hit", "not found", "")
    rows, refused = column(tmp_path, name, *cells)
    assert refused == []
    expected = ["found", "frozen", "disputed", "missing", "found", "missing", "missing", None]
    assert rows[BUREAU_STATUS].to_list() == expected


@pytest.mark.parametrize("cell", ["n/a", "none", "-", "null", "?", "unknown", "frozne", "0"])
def test_a_word_that_may_mean_that_nothing_was_found_is_not_read_as_no_status(tmp_path: Path, cell: str) -> None:
    rows, refused = column(tmp_path, "bureau_status", "found", cell)
    assert rows["row"].to_list() == [1]
    allowed = "found, missing, frozen, disputed, or an empty cell"
    assert refused == [(2, BUREAU_STATUS, f"is not a bureau status; allowed: {allowed}")]


@pytest.mark.parametrize("name", ["bureau_report_date", "Credit Pull Date", "bureau_date"])
@pytest.mark.parametrize("cell", ["2026-03-01", "3/1/2026", "1 Mar 2026", "2026-03-01 09:30:00", "46082"])
def test_a_date_is_read_as_other_dates_of_files(tmp_path: Path, name: str, cell: str) -> None:
    rows, refused = column(tmp_path, name, cell, "12/31/2025", "")
    assert refused == []
    assert rows[BUREAU_REPORT_DATE].to_list() == [date(2026, 3, 1), date(2025, 12, 31), None]


def test_the_order_of_day_and_month_is_that_of_the_whole_column(tmp_path: Path) -> None:
    rows, _ = column(tmp_path, "bureau_date", "3/1/2026", "31/12/2025")
    assert rows[BUREAU_REPORT_DATE].to_list() == [date(2026, 1, 3), date(2025, 12, 31)]
    with pytest.raises(LoanFileUnreadable, match="a column bureau_report_date that is ambiguous"):
        column(tmp_path, "bureau_date", "3/1/2026", "4/2/2026")


def test_a_date_of_the_future_and_what_is_no_date_are_refused(tmp_path: Path) -> None:
    later = (datetime.now(UTC) + timedelta(days=3)).date()
    rows, refused = column(tmp_path, "bureau_report_date", "2026-03-01", later.isoformat(), "soon", "2026-02-30")
    assert rows["row"].to_list() == [1]
    assert [(row, field) for row, field, _ in refused] == [(row, BUREAU_REPORT_DATE) for row in (2, 3, 4)]
    assert all(reason.startswith("is not a date up to today; allowed: ") for _, _, reason in refused)


def test_dates_of_a_data_frame_are_read(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    days = [date(2026, 3, 1), None, today + timedelta(days=3)]
    frame = pl.DataFrame([LOAN] * 3).with_columns(
        pl.Series("bureau_report_date", days), pl.Series("bureau_status", [None, "frozen", "found"])
    )
    frame.write_parquet(tmp_path / "loans.parquet")
    rows, refused = read(tmp_path / "loans.parquet")
    assert rows[BUREAU_REPORT_DATE].to_list() == days[:2]
    assert rows[BUREAU_STATUS].to_list() == [None, "frozen"]
    assert [row for row, _, _ in refused] == [3]


def test_a_file_without_these_columns_has_none(tmp_path: Path) -> None:
    rows, _ = column(tmp_path, "note", "missing")
    assert not {BUREAU_STATUS, BUREAU_REPORT_DATE} & {*rows.columns}
