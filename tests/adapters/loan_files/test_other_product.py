"""Files of another product: its columns and aliases, limits, optional and ordinal choices, terms and ranges."""

from pathlib import Path

import polars as pl
import pytest

from adapters.loan_files import LoanFileUnreadable, read_loans
from adapters.loan_files.columns import OUTCOMES
from adapters.loan_files.isolated.uploaded_files import UploadedFiles
from domain.products.fields import TRAINING_COLUMNS
from support.other_product import BOAT_LOAN

HEADER = "LENGTH,length_most,Salary,price,duration,experience,guarantor,savings"
GOOD = "7.5,8,3200.5,9000,24 months,over 5 years,SPOUSE,100"
SPARSE = " 7.5 , 7.5 ,0,500,12.0,none,,n/a"


def read(path: Path, content: str):
    if path.suffix == ".parquet":
        pl.read_csv(content.encode(), infer_schema_length=0).write_parquet(path)
    else:
        path.write_text(content)
    [chunk] = read_loans(path, BOAT_LOAN)
    return chunk


@pytest.mark.parametrize("name", ["boats.csv", "boats.parquet"])
def test_loans_are_read_under_the_names_of_fields_in_their_order(tmp_path: Path, name: str):
    chunk = read(tmp_path / name, "\n".join([HEADER, GOOD, SPARSE]) + "\n")
    assert chunk.rows_refused == 0
    assert chunk.rows.columns == ["row", *(field.name for field in BOAT_LOAN.fields)]
    assert chunk.rows.rows() == [
        (1, 3200.5, "over 5 years", "SPOUSE", 100.0, 9000.0, 24, 7.5, 8.0),
        (2, 0.0, "none", None, None, 500.0, 12, 7.5, 7.5),
    ]


@pytest.mark.parametrize("name", ["boats.csv", "boats.parquet"])
def test_every_error_of_a_row_is_named(tmp_path: Path, name: str):
    wrong = "2.4,31,many,499.99,36 months,over 4 years,UNCLE,-1"
    inverted = "9,8,3200,9000,24 months,none,PARENT,0"
    chunk = read(tmp_path / name, "\n".join([HEADER, wrong, inverted, GOOD]) + "\n")
    assert chunk.rows["row"].to_list() == [3]
    assert [(fault.row, fault.field, fault.reason) for fault in chunk.refused_fields()] == [
        (1, "monthly_income", "is not a number; allowed: a number from 0 to 90,000"),
        (
            1,
            "experience",
            "is not recognized; allowed: one of none, 1 to 5 years, over 5 years; did you mean over 5 years?",
        ),
        (1, "guarantor", "is not recognized; allowed: one of PARENT, SPOUSE, or nothing"),
        (1, "savings", "is out of range; allowed: a number from 0 to 5,000,000, or nothing"),
        (1, "price", "is out of range; allowed: a number from 500 to 50,000"),
        (1, "duration", "is not recognized; allowed: one of 12 months, 24 months"),
        (1, "length_least", "is out of range; allowed: a number from 2.5 to 30"),
        (1, "length_most", "is out of range; allowed: a number from 2.5 to 30"),
        (2, "length_least", "is above length_most; allowed: at or below it"),
    ]


def test_missing_columns_are_named_with_their_aliases(tmp_path: Path):
    missing = r"lacks required columns: monthly_income \(or Salary\), experience\."
    with pytest.raises(LoanFileUnreadable, match=missing):
        read(tmp_path / "boats.csv", "length,length_most,price,duration,guarantor,savings\n1,1,1,1,,\n")


def test_a_column_under_two_of_its_names_is_refused(tmp_path: Path):
    with pytest.raises(LoanFileUnreadable, match="duplicate columns: monthly_income"):
        read(tmp_path / "boats.csv", f"{HEADER},monthly_income\n{GOOD},3200\n")


def test_a_footer_and_a_repeated_header_are_skipped(tmp_path: Path):
    lines = [f"note,{HEADER}", f"a,{GOOD}", f"note,{HEADER}", "1 boat,,,,,,,,"]
    chunk = read(tmp_path / "boats.csv", "\n".join([*lines, ""]))
    assert (chunk.rows_read, [line.line for line in chunk.skipped]) == (1, [3, 4])


async def test_an_uploaded_file_is_read_in_a_process_of_its_own(tmp_path: Path):
    async def content():
        yield "\n".join([HEADER, GOOD, SPARSE, "1"]).encode()

    async with UploadedFiles(BOAT_LOAN, chunk_rows=10, folder=tmp_path).open(content(), after_row=0) as portfolio:
        [chunk] = portfolio.chunks()
    assert chunk.loans["monthly_income"].to_list() == [3200.5, 0.0]
    assert chunk.rows_refused == 1


def test_products_cannot_use_the_names_of_outcomes() -> None:
    assert set(OUTCOMES) == TRAINING_COLUMNS
