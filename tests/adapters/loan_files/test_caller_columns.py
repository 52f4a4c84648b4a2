"""References, origin and kept columns of a file are read as they are, or the row or file is refused."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest

from adapters.loan_files.reader import read_loans
from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.applications.application_identity import TEXTS
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.products.personal_loan import PERSONAL_LOAN
from support.loan_rows import LOAN, write_loans


def read(path: Path, **options: Any) -> tuple[pl.DataFrame, list[tuple[str, str]]]:
    """The accepted rows, and the fields of refused ones with their reasons."""
    chunks = list(read_loans(path, PERSONAL_LOAN, **options))
    refused = [(fault.field, fault.reason) for chunk in chunks for fault in chunk.refused_fields()]
    return pl.concat([chunk.rows for chunk in chunks]), refused


def with_columns(tmp_path: Path, *rows: dict[str, str], **options: Any) -> tuple[pl.DataFrame, list[Any]]:
    return read(write_loans(tmp_path / "loans.csv", [LOAN | row for row in rows]), **options)


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("application_reference", "application_reference"),
        ("application_no", "application_reference"),
        ("Application ID", "application_reference"),
        ("Loan Number", "application_reference"),
        ("external-id", "application_reference"),
        ("customer_id", "applicant_reference"),
        ("Member.ID", "applicant_reference"),
        ("Source", "source"),
        ("channel", "channel"),
    ],
)
def test_usual_names_of_columns_are_recognized(tmp_path: Path, column: str, name: str) -> None:
    rows, refused = with_columns(tmp_path, {column: " LN-0001 "}, {column: ""}, {column: "n/a"})
    assert refused == []
    assert rows[name].to_list() == ["LN-0001", None, None]
    assert [each for each in TEXTS if each in rows.columns] == [name]


def test_the_source_of_synthetic_applications_is_refused_unless_one_is_decided_again(tmp_path: Path) -> None:
    sources = ["los", SYNTHETIC_SOURCE, SYNTHETIC_SOURCE.upper(), ""]
    rows, refused = with_columns(tmp_path, *({"source": source} for source in sources))
    assert rows["source"].to_list() == ["los", None]
    assert [field for field, _ in refused] == ["source", "source"]
    assert "scoring demo" in refused[0][1]
    again = {"supersedes": str(uuid4()), "supersedes_reason": "correction"}
    first = {"supersedes": "", "supersedes_reason": ""}
    rows, refused = with_columns(
        tmp_path, {"source": SYNTHETIC_SOURCE} | again, {"source": SYNTHETIC_SOURCE} | first
    )
    assert rows["source"].to_list() == [SYNTHETIC_SOURCE]
    assert [field for field, _ in refused] == ["source"]


def test_a_column_named_id_is_no_reference(tmp_path: Path) -> None:
    rows, _ = with_columns(tmp_path, {"id": "17"})
    assert not {*TEXTS} & {*rows.columns}


def test_a_field_s_own_name_comes_first_and_repeated_names_are_refused(tmp_path: Path) -> None:
    rows, _ = with_columns(tmp_path, {"loan_number": "7", "application_reference": "LN-7", "reference": "x"})
    assert rows["application_reference"].to_list() == ["LN-7"]
    path = tmp_path / "twice.csv"
    path.write_text(",".join([*LOAN, "application_no", "Application No"]) + "\n")
    with pytest.raises(LoanFileUnreadable, match="duplicate columns: application_no"):
        read(path)


@pytest.mark.parametrize("text", ["L" * 129, "LN\u200b1", "LN\x011", "\u202e1"])
def test_a_row_whose_reference_could_not_be_read_or_searched_is_refused(tmp_path: Path, text: str) -> None:
    rows, refused = with_columns(tmp_path, {"reference": "LN-1"}, {"reference": text}, {"reference": "Zoë 顧客"})
    assert rows["application_reference"].to_list() == ["LN-1", "Zoë 顧客"]
    allowed = "1 to 128 printable characters without spaces around them, or nothing"
    assert refused == [("application_reference", f"is not a valid text; allowed: {allowed}")]


def test_numbers_of_a_data_frame_are_references_without_decimals(tmp_path: Path) -> None:
    frame = pl.DataFrame([LOAN] * 3).with_columns(
        pl.Series("application_id", [4711.0, None, float("nan")]), pl.Series("member_id", [1, 2, 2**60])
    )
    frame.write_parquet(tmp_path / "loans.parquet")
    rows, refused = read(tmp_path / "loans.parquet", keep=("application_id", "loan_amnt"))
    assert refused == []
    assert rows["application_reference"].to_list() == ["4711", None, None]
    assert rows["applicant_reference"].to_list() == ["1", "2", str(2**60)]
    assert rows["keep:application_id"].to_list() == ["4711", None, None]
    assert rows["keep:loan_amnt"].to_list() == ["9000"] * 3


def test_kept_columns_are_as_in_the_file(tmp_path: Path) -> None:
    given = {"Branch": " north, 3 ", "application_no": "LN-1", "note": ""}
    rows, refused = with_columns(tmp_path, given, keep=("branch", "loan_amnt", "application_no", "note"))
    assert refused == []
    kept = rows.select("keep:branch", "keep:loan_amnt", "keep:application_no", "keep:note").row(0)
    assert kept in {(" north, 3 ", "9000", "LN-1", None), (" north, 3 ", "9000", "LN-1", "")}


def test_a_file_without_a_column_to_keep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        LoanFileUnreadable, match=r"lacks columns to be kept: branch\. Columns found: annual_inc, "
    ):
        with_columns(tmp_path, {}, keep=("branch", "dti"))


@pytest.mark.parametrize("name", ["branch", "Branch", " BRANCH"])
def test_a_column_to_keep_that_occurs_twice_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "twice.csv"
    path.write_text(",".join([*LOAN, "branch", name]) + "\n")
    with pytest.raises(LoanFileUnreadable, match=r"duplicate columns: branch\. Keep one of each"):
        read(path, keep=("branch",))
    path.write_text(",".join([*LOAN, "branch", name]) + "\n" + ",".join([*LOAN.values(), "a", "b"]) + "\n")
    assert read(path)[0].height == 1  # not kept, they are ignored


def test_a_row_with_a_long_kept_text_is_refused(tmp_path: Path) -> None:
    rows, refused = with_columns(tmp_path, {"note": "x" * 1_000}, {"note": "x" * 1_001}, keep=("note",))
    assert rows.height == 1
    assert refused == [("note", "is too long to be kept; allowed: at most 1,000 characters")]


def test_training_reads_no_columns_of_callers(tmp_path: Path) -> None:
    path = write_loans(tmp_path / "loans.csv", [LOAN | {"loan_number": "7", "issue_d": "Dec-2011"}])
    rows, _ = read(path, outcomes=True)
    assert "application_reference" not in rows.columns


DECISION = "0198c1f2-7a3b-7c4d-9e5f-0a1b2c3d4e5f"


def test_rows_say_which_decision_they_supersede_and_why(tmp_path: Path) -> None:
    rows, refused = with_columns(
        tmp_path,
        {"Supersedes": f" {DECISION.upper()}", "Supersedes Reason": "New bureau-data"},
        {"Supersedes": "", "Supersedes Reason": "n/a"},
    )
    assert refused == []
    assert rows["supersedes"].to_list() == [DECISION, None]
    assert rows["supersedes_reason"].to_list() == ["new_bureau_data", None]


@pytest.mark.parametrize(
    ("supersedes", "reason", "field", "problem"),
    [
        (DECISION, "", "supersedes_reason", "is missing; allowed: one of correction"),
        (DECISION, "because", "supersedes_reason", "is not an allowed value; allowed: one of correction"),
        ("", "correction", "supersedes", "is missing; allowed: the identifier"),
        ("17", "correction", "supersedes", "is not the identifier of a decision; allowed: the identifier"),
    ],
)
def test_a_row_states_both_what_it_supersedes_and_why(
    tmp_path: Path, supersedes: str, reason: str, field: str, problem: str
) -> None:
    rows, refused = with_columns(tmp_path, {"supersedes": supersedes, "supersedes_reason": reason})
    assert rows.height == 0
    ((named, why),) = refused
    assert named == field
    assert why.startswith(problem)


@pytest.mark.parametrize("column", ["supersedes", "Supersedes Reason"])
def test_a_file_with_one_of_these_columns_alone_is_refused(tmp_path: Path, column: str) -> None:
    with pytest.raises(LoanFileUnreadable, match="Add this one, or remove both"):
        with_columns(tmp_path, {column: "correction"})
