"""Malicious files are refused quickly with a reason, and the worker continues."""

import asyncio
import gzip
import io
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import psutil
import pytest

from adapters.loan_files.isolated.reader_process import ReadingJob
from adapters.loan_files.isolated.uploaded_files import UploadedFiles
from adapters.loan_files.limits import ReadingLimits
from application.ports.batches.portfolio import LoanChunk
from application.ports.batches.portfolio_files import PortfolioUnreadable
from application.ports.operations.dependencies import DependencyUnavailable
from domain.batches.batch import Batch, BatchState
from domain.products.personal_loan import PERSONAL_LOAN
from harness.running_service import SCORING, clean_environment
from support.batches import BatchStore, OpenBatchStore, loans_as_csv, pieces
from support.crafted_parquet import crafted_parquet
from support.loan_rows import LOAN, varied_loans

TEXTS = {"emp_length", "home_ownership", "term", "purpose"}
ROW: dict[str, float | bytes] = {
    name: value.encode() if name in TEXTS else float(value.strip("%")) for name, value in LOAN.items()
}
HEADER, LINE = loans_as_csv([LOAN]).splitlines(keepends=True)
MB = 1 << 20
MEMORY_MB = 512
"""Small, to save memory in tests."""
LIMITED = ("DATA", "CPU", "FSIZE", "NOFILE", "CORE")


def gzipped(*parts: tuple[bytes, int]) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    packed = [packer.compress(part) for part, times in parts for _ in range(times)]
    return b"".join([*packed, packer.flush()])


def as_parquet(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file, compression="zstd")
    return file.getvalue()


def equal_rows(count: int) -> pl.DataFrame:
    one = pl.DataFrame([LOAN]).with_columns(pl.col(name).cast(pl.Float64) for name in ("annual_inc", "loan_amnt"))
    return one.select(pl.all().repeat_by(count).explode())


def long_footer() -> bytes:
    size = 100 * MB
    return b"PAR1" + bytes(size) + size.to_bytes(4, "little") + b"PAR1"


MALICIOUS_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "blank lines, compressed": (
        lambda: gzipped((HEADER + LINE, 1), (b"\n" * MB, 8), (LINE, 1)),
        "more than 100 times its size",
    ),
    "blank lines": (lambda: HEADER + LINE + b"\n" * MB, "lines without a loan"),
    "rows of empty cells": (lambda: HEADER + LINE + (b"," * 12 + b"\n") * 150_000, "lines without a loan"),
    "equal rows, compressed": (lambda: gzipped((HEADER, 1), (LINE * 1000, 300)), "more than 100 times its size"),
    "members of gzip one behind the other": (
        lambda: gzip.compress(HEADER + LINE) + gzip.compress(b"\n" * MB) * 20,
        "more than 100 times its size",
    ),
    "rows that only an unusually good compression explains": (
        lambda: gzipped(
            (HEADER, 1), *((LINE * 20 + os.urandom(12).hex().encode() + b"\n", 1) for _ in range(900))
        ),
        "repeats the same loans",
    ),
    "an open quote and long lines": (
        lambda: HEADER + b'"' + (b"a" * (3 * MB) + b"\n") * 3 + LINE,
        "has more than 1,048,576 bytes in line 2",
    ),
    "a line that never ends": (lambda: HEADER + b"a" * (20 * MB), "has more than 1,048,576 bytes in line 2"),
    "a long line further on": (
        lambda: HEADER + LINE * 3 + b"a" * (2 * MB) + b"\n" + LINE,
        "has more than 1,048,576 bytes in line 5",
    ),
    "100,000 columns": (
        lambda: HEADER.strip() + b",x" * 100_000 + b"\n" + LINE,
        "100,013 columns; the maximum is 2,000",
    ),
    "a header without an end": (lambda: HEADER.strip() + b',"' + b"x" * (5 * MB), "its first line is not CSV"),
    "a zip archive": (lambda: b"PK\x03\x04" + bytes(100), "is a zip archive"),
    "Parquet: a panic of the reader": (lambda: crafted_parquet(ROW, chunk_size=-1), "is a damaged Parquet file"),
    "Parquet: one long text": (
        lambda: crafted_parquet(ROW | {"purpose": b"a" * (200 * MB)}),
        "memory",
    ),
    "Parquet: a page said to be large": (lambda: crafted_parquet(ROW, unpacked_size=2**31 - 1), ""),
    "Parquet: a billion rows that are not there": (
        lambda: crafted_parquet(ROW, rows=10**9),
        "more than 5,000,000 rows",
    ),
    "Parquet: ten rows that are not there": (lambda: crafted_parquet(ROW, rows=11), "is damaged"),
    "Parquet: a deep schema": (lambda: crafted_parquet(ROW, nested=100_000), ""),
    "Parquet: a long footer": (long_footer, "its footer has 104,857,600 bytes"),
    "Parquet: equal rows": (lambda: as_parquet(equal_rows(300_000)), "repeats the same loans"),
    "Parquet: too many rows": (lambda: as_parquet(equal_rows(5_000_001)), "more than 5,000,000 rows"),
    "Parquet: 5,000 columns": (
        lambda: as_parquet(equal_rows(1).with_columns(pl.lit(1.0).alias(f"x{n}") for n in range(5_000))),
        "5,013 columns; the maximum is 2,000",
    ),
}


async def read(content: bytes, folder: Path, **options: object) -> list[LoanChunk]:
    files = UploadedFiles(PERSONAL_LOAN, chunk_rows=10_000, folder=folder, memory_mb=MEMORY_MB, **options)  # type: ignore[arg-type]
    async with files.open(pieces(content, size=MB), after_row=0) as portfolio:
        return list(portfolio.chunks())


@pytest.mark.parametrize("kind", MALICIOUS_FILES)
async def test_a_malicious_file_is_refused_quickly_with_a_reason(kind: str, tmp_path: Path) -> None:
    make, message = MALICIOUS_FILES[kind]
    content, us = make(), psutil.Process()
    others = {child.pid for child in us.children()}
    before, began = us.memory_info().rss, time.monotonic()
    with pytest.raises(PortfolioUnreadable) as refused:
        await read(content, tmp_path)
    assert time.monotonic() - began < 20
    assert us.memory_info().rss - before < 200 * MB
    assert str(refused.value).startswith("the file ")
    assert message in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - an async test
    assert not [child for child in us.children() if child.pid not in others]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(gzip.compress(loans_as_csv(varied_loans(2_000) * 20)), id="a compressed file of many loans"),
        pytest.param(loans_as_csv([LOAN]) + b"\n" * 20_000 + LINE, id="empty lines that a spreadsheet left"),
        pytest.param(HEADER + (b'"' + b"a" * 1_000 + b"\n") * 600 + LINE, id="quotes that never close"),
        pytest.param(HEADER + LINE.replace(b"\n", b"\x00\n") + LINE, id="an octet of zeros"),
        pytest.param(HEADER + LINE + b"\xe9" * (MB // 2) + b"\n" + LINE, id="Latin-1, twice as long in UTF-8"),
        pytest.param(crafted_parquet(ROW, values=2**31 - 1), id="a Parquet file that miscounts its values"),
        pytest.param(crafted_parquet(ROW), id="a sound Parquet file"),
        pytest.param(as_parquet(pl.DataFrame(varied_loans(5_000))), id="a Parquet file of many loans"),
    ],
)
async def test_unusual_but_valid_files_are_read(content: bytes, tmp_path: Path) -> None:
    chunks = await read(content, tmp_path)
    assert sum(chunk.loans.height for chunk in chunks) > 0


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        pytest.param("é".encode() * 200, 5_000, id="in UTF-8"),
        pytest.param(b"\xe9" * 60, 10_000, id="in Latin-1"),
        pytest.param(b"\xe9" * 60, 40_000, id="in Latin-1, in many parts"),
        pytest.param(b"\x80" * 31, 10_000, id="in Windows-1252"),
    ],
)
async def test_a_file_of_errors_is_sent_in_parts_without_loss(value: bytes, rows: int, tmp_path: Path) -> None:
    """A euro sign is three bytes in UTF-8: then a run of lines holds more faults than one message."""
    wrong = HEADER + (b",".join([value] * 13) + b"\n") * rows
    chunks = await read(wrong, tmp_path)
    assert len(chunks) > 1
    assert all(chunk.refused.estimated_size() < 32 * MB for chunk in chunks)
    refused = [row for chunk in chunks for row in chunk.refused["row"].unique(maintain_order=True)]
    assert refused == list(range(1, rows + 1))
    assert sum(chunk.rows_read for chunk in chunks) == sum(s.rows_refused for s in chunks) == rows


async def test_a_part_that_takes_too_long_fails_the_batch(tmp_path: Path) -> None:
    endless = gzip.compress(b"") * 400_000 + gzip.compress(HEADER + LINE)
    with pytest.raises(PortfolioUnreadable, match="longer than 2 s"):
        await read(endless, tmp_path, seconds_per_chunk=2.0, limits=ReadingLimits(ratio=10**9))


def test_the_reader_is_limited_in_memory_time_files_and_open_files() -> None:
    job = ReadingJob("loans", PERSONAL_LOAN.document, 1, 0, memory_mb=300, cpu_seconds=7)
    code = f"""
import resource
from adapters.loan_files.isolated.reader_process import ReadingJob, restrict
restrict(ReadingJob.from_json({job.to_json()!r}))
print([resource.getrlimit(getattr(resource, "RLIMIT_" + name))[0] for name in {LIMITED}])
"""
    command = [sys.executable, "-B", "-c", code]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    assert shown.strip() == str([300 * MB, 7, 64 << 10, 64, 0])


async def test_a_reader_that_cannot_start_does_not_fail_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "adapters.loan_files.isolated.child_portfolio.COMMAND", (sys.executable, "-c", "import nothing_there")
    )
    with pytest.raises(DependencyUnavailable, match="nothing_there"):
        await read(HEADER + LINE, tmp_path)


async def until_ended(batch_store: BatchStore, batch: Batch, process: asyncio.subprocess.Process) -> Batch:
    async with asyncio.timeout(60):
        while not (found := await batch_store.batches.find(batch.batch_id) or batch).state.ended:
            assert process.returncode is None, "the worker ended"
            await asyncio.sleep(0.1)
    return found


async def test_a_worker_survives_every_malicious_file_without_retries(
    open_postgres_batch_store: OpenBatchStore, migrated_url: str, tmp_path: Path
) -> None:
    batch_store = open_postgres_batch_store(15.0)
    kinds = ["Parquet: a panic of the reader", "Parquet: a deep schema", "equal rows, compressed"]
    bad = [await batch_store.submit_file(MALICIOUS_FILES[kind][0]()) for kind in kinds]
    good = await batch_store.submit_file(loans_as_csv([LOAN]))
    settings = {"SCORING_DATABASE_URL": migrated_url, "SCORING_DATA_DIR": str(tmp_path)}
    environment = clean_environment(**settings, SCORING_SECRET_KEY="w8Fz3QmYt6RbN1xKd9LvC4sHj7PgAe2U")
    worker = await asyncio.create_subprocess_exec(*SCORING, "worker", env=environment)
    try:
        assert (await until_ended(batch_store, good, worker)).state is BatchState.DONE
        for batch in bad:
            failed = await until_ended(batch_store, batch, worker)
            assert failed.state is BatchState.FAILED
            assert (failed.fault or "").startswith("the file ")
            assert failed.progress.rows_read == 0
        assert await batch_store.on_record() == 1
    finally:
        worker.terminate()
        assert await asyncio.wait_for(worker.wait(), 30) == 0
