"""Uploaded files: read from any row, in any format, and removed afterwards."""

import gzip
import io
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.loan_files.isolated.uploaded_files import UploadedFiles
from application.ports.batches.portfolio_files import PortfolioUnreadable
from domain.products.personal_loan import PERSONAL_LOAN
from support.batches import loans_as_csv, pieces
from support.loan_rows import LOAN, varied_loans

BUREAU_DATA = {"bureau_status": "Frozen", "bureau_report_date": "3/14/2026"}
LOANS = [loan | BUREAU_DATA for loan in (*varied_loans(120), LOAN | {"dti": "much"}, *varied_loans(79))]
CSV = loans_as_csv(LOANS)


def parquet() -> bytes:
    batch_store = io.BytesIO()
    pl.read_csv(CSV, infer_schema=False).write_parquet(batch_store, row_group_size=60)
    return batch_store.getvalue()


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.fixture(params=["csv", "gzip", "parquet"])
def content(request: pytest.FixtureRequest) -> bytes:
    return {"csv": lambda: CSV, "gzip": lambda: gzip.compress(CSV), "parquet": parquet}[request.param]()


@pytest.mark.parametrize("after_row", [0, 1, 50, 99, 120, 121, 199, 200])
async def test_reading_can_resume_after_any_row(content: bytes, after_row: int, tmp_path: Path) -> None:
    files = UploadedFiles(PERSONAL_LOAN, chunk_rows=50, folder=tmp_path)
    async with files.open(pieces(content), after_row=after_row) as portfolio:
        chunks = list(portfolio.chunks())
    rows = [row for chunk in chunks for row in chunk.loans["row"]]
    refused = [row for chunk in chunks for row in chunk.refused["row"]]
    assert rows == [row for row in range(after_row + 1, 201) if row != 121]
    assert refused == [121] * (after_row < 121)
    stated = {pair for chunk in chunks for pair in zip(*(chunk.loans[name] for name in BUREAU_DATA), strict=True)}
    assert stated == ({("frozen", date(2026, 3, 14))} if rows else set())
    assert sum(chunk.rows_read for chunk in chunks) == 200 - after_row
    assert sum(chunk.rows_refused for chunk in chunks) == len(refused)
    assert left_in(tmp_path) == []


async def test_damage_later_in_a_file_is_reported_without_internal_paths(tmp_path: Path) -> None:
    whole = gzip.compress(loans_as_csv(varied_loans(2000) * 20))
    files = UploadedFiles(PERSONAL_LOAN, chunk_rows=1000, folder=tmp_path)
    with pytest.raises(PortfolioUnreadable, match="damaged") as refusal:
        async with files.open(pieces(whole[: len(whole) // 2]), after_row=0) as portfolio:
            list(portfolio.chunks())
    assert str(tmp_path) not in str(refusal.value)
    assert left_in(tmp_path) == []


async def test_an_interrupted_upload_leaves_no_file(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield CSV
        raise ConnectionError

    with pytest.raises(ConnectionError):
        async with UploadedFiles(PERSONAL_LOAN, chunk_rows=10, folder=tmp_path).open(broken(), after_row=0):
            raise AssertionError("it was opened")
    assert left_in(tmp_path) == []
