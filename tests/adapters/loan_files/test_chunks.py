"""A large file is read in chunks with progress, and chunking does not change the result."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from adapters.loan_files import read_loans
from adapters.loan_files.text import line_source
from domain.products.personal_loan import PERSONAL_LOAN

SAMPLES = Path(
    os.environ.get("CREDIT_SHARED_DATA", Path(__file__).resolve().parents[3].parent / "shared" / "data")
)


def test_chunks_respect_the_row_limit_and_number_rows_consecutively(files):
    text = files.csv(*[files.loan(annual_inc=str(n)) for n in range(10)])
    chunks = files.read(text, chunk_rows=4).chunks
    assert [chunk.rows["row"].to_list() for chunk in chunks] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]


def test_long_lines_make_smaller_chunks(files, monkeypatch):
    monkeypatch.setattr(line_source, "_READ_BYTES", 1 << 10)
    monkeypatch.setattr(line_source, "_MAX_BLOCK_BYTES", 1 << 11)
    text = files.csv(*[files.loan() | {"note": "x" * 300} for _ in range(50)])
    read = files.read(text)
    assert read.rows["row"].to_list() == list(range(1, 51))
    assert max(chunk.rows_read for chunk in read.chunks) < 12


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet"])
def test_progress_counts_bytes_of_the_file_and_reaches_the_end(files, form):
    text = files.csv(*[files.loan(annual_inc=str(n)) for n in range(9)])
    path = files.put(gzip.compress(text.encode()) if form == "csv.gz" else text, f"loans.{form}")
    if form == "parquet":
        pl.read_csv(text.encode(), infer_schema=False).write_parquet(path)
    reported = []
    chunks = list(read_loans(path, PERSONAL_LOAN, chunk_rows=4, on_progress=reported.append))
    assert reported == [chunk.progress for chunk in chunks]
    assert [progress.rows_read for progress in reported] == [4, 8, 9]
    assert reported == sorted(reported, key=lambda progress: progress.bytes_done)
    assert reported[-1].bytes_done == reported[-1].bytes_total == path.stat().st_size


def test_chunk_size_does_not_change_the_loans(files):
    loans = [files.loan(annual_inc=str(n * 1000), dti="x" if n % 7 == 0 else "5") for n in range(100)]
    path = files.put(files.csv(*loans))
    whole, pieces = files.read(path), files.read(path, chunk_rows=9)
    assert whole.rows.equals(pieces.rows)
    assert whole.faults == pieces.faults


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
def test_memory_does_not_grow_with_the_file(files):
    header, row = files.csv(files.loan()).splitlines()
    peaks = []
    for copies in (100_000, 500_000):
        path = files.put(f"{header}\n" + f"{row}\n" * copies)
        peaks.append(_peak_memory_of_reading(path))
    assert peaks[1] < peaks[0] + 40


def _peak_memory_of_reading(path):
    """The peak memory of a separate process, in MB."""
    program = (
        "import sys; from pathlib import Path; from adapters.loan_files import read_loans\n"
        "from domain.products.personal_loan import PERSONAL_LOAN\n"
        "chunks = read_loans(Path(sys.argv[1]), PERSONAL_LOAN, chunk_rows=20_000)\n"
        "assert sum(chunk.rows_read for chunk in chunks)\n"
        "print(next(l for l in open('/proc/self/status') if 'VmHWM' in l).split()[1])"
    )
    done = subprocess.run([sys.executable, "-c", program, path], check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"LendingClub's loans are not at hand ({SAMPLES})")
@pytest.mark.parametrize(
    ("name", "read", "refused", "skipped"),
    [
        ("lendingclub_2007_2015q3.csv.gz", 25_568, 29, 0),
        ("raw_loanstats_2014q2_head.csv", 998, 0, 1),
        ("raw_accepted_151_columns_sample.csv", 686, 0, 0),
        ("raw_loanstats3a_rebuilt.csv", 7_958, 29, 9),
    ],
)
def test_counts_of_the_real_files_add_up(files, name, read, refused, skipped):
    loans = files.read(SAMPLES / name)
    assert loans.rows_read == read == loans.rows.height + refused
    assert len({fault.row for fault in loans.faults}) == refused
    assert len(loans.skipped) == skipped
    # The loans of early 2007 have no bureau counts; four of them no income.
    counts = {"inq_last_6mths", "delinq_2yrs", "pub_rec"}
    assert {fault.field for fault in loans.faults} <= counts | {"annual_inc"}
    training = files.read(SAMPLES / name, outcomes=True)
    assert len(training.faults) == (4 if refused else 0)
    assert training.rows["issue_d"].null_count() == training.rows["loan_status"].null_count() == 0
