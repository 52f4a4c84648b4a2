"""A file without readable loans is refused immediately, with instructions."""

import gzip
from random import Random

import polars as pl
import pytest

from adapters.loan_files import LoanFileUnreadable, read_loans
from adapters.loan_files.text import line_source, records
from domain.products.personal_loan import PERSONAL_LOAN
from support.crafted_parquet import crafted_parquet

HEADER = ",".join(PERSONAL_LOAN.field_by_name)
NOISE = Random(1).randbytes(3000)  # noqa: S311 - any bytes will do


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("loans.csv", b"", "is empty; it needs a header line"),
        ("loans.csv", b"\n \n", "has only blank lines"),
        ("loans.csv", HEADER.encode(), "has a header but no loans"),
        ("loans.csv", f"{HEADER}\n\n\n".encode(), "has a header but no loans"),
        ("loans.parquet", HEADER.encode(), "is not a Parquet file"),
        ("loans.parquet", b"PAR1 and then nothing of the sort PAR1", "is a damaged Parquet file"),
        ("loans.csv.gz", HEADER.encode(), "is not gzip-compressed"),
        ("loans.csv.gz", b"\x1f\x8bnonsense", "cannot be decompressed"),
        ("loans.xlsx", b"PK\x03\x04...", "an Excel workbook"),
        ("loans.csv", HEADER.encode("utf-16"), "is UTF-16 text"),
        ("loans.csv", HEADER.encode("utf-16-le"), "is UTF-16 text"),
        ("loans.csv", f"{HEADER}\r1,2\r".encode(), "old Macintosh"),
        ("loans.csv", NOISE.replace(b"\0", b"\1"), "is not text or any other kind of loan file"),
        ("loans.csv", b"x" * 64 + NOISE, "is not text or any other kind of loan file"),
        ("loans.csv", gzip.compress(NOISE), "is not text or any other kind of loan file"),
        ("loans.csv", b'"never closed\n1,2\n', "is not a loan file: its first line"),
    ],
)
def test_other_kinds_of_files_are_refused_with_their_kind(files, name, content, message):
    path = files.put(content, name)
    with pytest.raises(LoanFileUnreadable, match=message) as refusal:
        read_loans(path, PERSONAL_LOAN)
    assert str(path) in str(refusal.value)


def test_a_missing_file_and_a_folder_have_different_errors(files):
    with pytest.raises(LoanFileUnreadable, match="does not exist; check the path"):
        read_loans(files.folder / "none.csv", PERSONAL_LOAN)
    with pytest.raises(LoanFileUnreadable, match="is a folder"):
        read_loans(files.folder, PERSONAL_LOAN)


def test_missing_and_found_columns_are_listed(files):
    loan = {name: text for name, text in files.loan().items() if name not in {"dti", "pub_rec"}} | {"DTI %": "3"}
    with pytest.raises(
        LoanFileUnreadable, match=r"columns: dti, pub_rec\. Columns found: annual_inc, .*, DTI %\."
    ):
        files.read(files.csv(loan))


def test_a_file_without_any_known_column_lists_all_thirteen_as_missing(files):
    with pytest.raises(
        LoanFileUnreadable, match=f"columns: {', '.join(PERSONAL_LOAN.field_by_name)}. None of the 2 names"
    ):
        files.read("a,b\n1,2\n")


def test_a_first_line_with_applicant_data_is_not_quoted(files):
    with pytest.raises(LoanFileUnreadable, match="None of the 3 names in the first line is recognized") as refusal:
        files.read("52000.5,Jane Roe,RENT\n1,2,3\n")
    assert "Jane" not in str(refusal.value)


def test_a_first_line_with_one_unknown_name_is_reported(files):
    with pytest.raises(
        LoanFileUnreadable, match="The only name in the first line is not recognized: is it a header"
    ):
        files.read("loans\n1\n")


def test_missing_columns_of_parquet_are_listed(files):
    path = files.folder / "loans.parquet"
    pl.DataFrame({"dti": [1.0]}).write_parquet(path)
    with pytest.raises(LoanFileUnreadable, match=r"columns: annual_inc, .* Columns found: dti\."):
        files.read(path)


def test_parquet_columns_of_lists_are_refused(files):
    path = files.folder / "loans.parquet"
    pl.DataFrame({name: [[1]] for name in PERSONAL_LOAN.field_by_name}).write_parquet(path)
    with pytest.raises(LoanFileUnreadable, match="neither numbers nor text: annual_inc"):
        files.read(path)


def test_a_duplicate_column_is_refused(files):
    with pytest.raises(LoanFileUnreadable, match="duplicate columns: dti"):
        files.read(f"{HEADER}, DTI\n")


def test_parquet_without_rows_is_refused(files):
    path = files.folder / "loans.parquet"
    pl.DataFrame(schema=dict.fromkeys(PERSONAL_LOAN.field_by_name, pl.String)).write_parquet(path)
    with pytest.raises(LoanFileUnreadable, match="no loans"):
        files.read(path)


def test_parquet_that_makes_polars_panic_is_reported_as_damaged(files):
    loan = dict.fromkeys(PERSONAL_LOAN.field_by_name, 1.0)
    with pytest.raises(LoanFileUnreadable, match="is a damaged Parquet file"):
        files.read(crafted_parquet(loan, chunk_size=-1))


def test_an_unclosed_quote_over_a_megabyte_refuses_only_its_row(files, monkeypatch):
    monkeypatch.setattr(records, "RECORD_BYTES", 1 << 12)
    lines = [files.csv(files.loan()).strip(), '"open', *["x" * 1000] * 8, files.csv(files.loan()).splitlines()[1]]
    read = files.read("\n".join(lines), chunk_rows=4)
    assert read.rows.height == 2
    assert [fault.line for fault in read.faults] == list(range(3, 12))


def test_a_truncated_gzip_file_reports_the_line(files, monkeypatch):
    monkeypatch.setattr(line_source, "_READ_BYTES", 1 << 14)
    text = files.csv(*[files.loan(annual_inc=str(n * 7919 % 99991)) for n in range(60_000)])
    packed = gzip.compress(text.encode())
    chunks = read_loans(files.put(packed[: len(packed) // 2], "loans.csv.gz"), PERSONAL_LOAN, chunk_rows=1000)
    with pytest.raises(LoanFileUnreadable, match="is damaged after line"):
        list(chunks)


def test_an_endless_line_is_refused_in_bounded_memory(files, monkeypatch):
    monkeypatch.setattr(line_source, "_READ_BYTES", 1 << 10)
    monkeypatch.setattr(line_source, "RECORD_BYTES", 1 << 12)
    with pytest.raises(LoanFileUnreadable, match="has more than 4,096 bytes in line 2"):
        files.read(f"{HEADER}\n" + "x" * 50_000)
