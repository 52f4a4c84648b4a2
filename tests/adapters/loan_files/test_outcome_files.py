"""Files with outcomes of loans: layouts, names of columns, words, dates, and every bad row named."""

import gzip
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest

from adapters.loan_files import LoanFileUnreadable
from adapters.loan_files.limits import ReadingLimits
from adapters.loan_files.outcomes.outcome_parsing import RowParser
from adapters.loan_files.outcomes.outcome_reader import read_outcomes
from application.ports.outcomes.loan_outcomes import LoanKey
from application.ports.outcomes.outcome_files import OutcomeRow, RefusedRow
from domain.applications.money import Money
from domain.outcomes.loan_outcome import LoanAmounts, StatedOutcome
from domain.outcomes.loan_status import LoanStatus

OWN = "application_reference,status,as_of,booked_on\n"
S = LoanStatus
Read = tuple[list[OutcomeRow], list[RefusedRow]]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Read]:
    def read(
        content: str | bytes, name: str = "outcomes.csv", *, as_of: date | None = None, **options: int
    ) -> Read:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_file(path, as_of, **options)

    return read


def read_file(path: Path, as_of: date | None = None, *, chunk_rows: int = 3, after_row: int = 0) -> Read:
    rows: list[OutcomeRow] = []
    refused: list[RefusedRow] = []
    found = read_outcomes(
        path, RowParser({}, as_of), chunk_rows=chunk_rows, after_row=after_row, limits=ReadingLimits()
    )
    for chunk in found:
        if chunk is not None:
            assert chunk.rows_read == len(chunk.rows) + len({each.row for each in chunk.refused})
            rows += chunk.rows
            refused += chunk.refused
    return rows, refused


def test_a_row_is_an_outcome(read: Callable[..., Read]) -> None:
    header = "application_reference,source,status,as_of,booked_on,days_past_due,outstanding,paid,recovered\n"
    (row,), refused = read(
        header + "LN-1,east,late,2026-05-31,2025-01-15,45,$7,500.25,1000,0\n".replace("7,", "7")
    )
    assert refused == []
    amounts = LoanAmounts(Money(750_025), Money(100_000), None, Money(0))
    assert row == OutcomeRow(
        1,
        2,
        LoanKey("LN-1", "east"),
        StatedOutcome(S.LATE, date(2026, 5, 31), date(2025, 1, 15), 45, amounts),
    )


def test_a_file_of_lending_club_is_read_as_it_is(read: Callable[..., Read]) -> None:
    content = (
        "Notes offered by Prospectus (https://example.org)\n"
        '"id","loan_amnt","issue_d","loan_status","out_prncp","total_pymnt","recoveries","last_pymnt_d"\n'
        '"1077501","5000","Dec-2011","Fully Paid","0.00","5863.16","0.00","Jan-2015"\n'
        '"1077430","2500","Dec-2011","Charged Off","0.00","1014.53","123.03","Apr-2013"\n'
        '"1077175","2400","Dec-2011","Late (31-120 days)","1200.00","900.00","0.00","Feb-2013"\n'
        "\n"
        '"Total amount funded in policy code 1: 460296150"\n'
    )
    rows, refused = read(content, chunk_rows=100)
    assert refused == []
    assert [(row.key.reference, row.stated.status, row.stated.days_past_due) for row in rows] == [
        ("1077501", S.PAID, None),
        ("1077430", S.CHARGED_OFF, None),
        ("1077175", S.LATE, 31),
    ]
    assert (rows[0].stated.booked_on, rows[0].stated.as_of) == (date(2011, 12, 1), date(2015, 1, 1))
    assert rows[1].stated.amounts.recovered == Money(12_303)


def test_codes_of_metro_2_are_read(read: Callable[..., Read]) -> None:
    content = (
        "Consumer Account Number;Account Status;Date Opened;Date of Account Information;Current Balance\n"
        "LN-1;84;01/15/2025;05/31/2026;812\nLN-2;05;01/15/2025;05/31/2026;0\n"
    )
    (row,), (refused,) = read(content)
    assert (row.stated.status, row.stated.days_past_due, row.stated.as_of) == (S.LATE, 180, date(2026, 5, 31))
    assert (refused.row, refused.line, refused.reference, refused.field) == (2, 3, "LN-2", "status")
    assert "the account was transferred" in refused.why


def test_an_application_is_named_by_its_identifier_or_by_the_callers_own(read: Callable[..., Read]) -> None:
    identifier = UUID("01a20934-a7ba-7f69-ba54-405ad833ce18")
    content = f"decision_id,status,as_of\n{identifier},paid,2026-05-31\nLN-1,paid,2026-05-31\n"
    (known, own), _ = read(content)
    assert known.key == LoanKey(str(identifier), None, identifier)
    assert own.key == LoanKey("LN-1", None, None)


def test_every_bad_row_is_named_with_each_field(read: Callable[..., Read]) -> None:
    content = (
        "application_reference,status,as_of,booked_on,paid\n"
        "LN-1,Fuly Paid,2026-02-30,2025-01-15,12x\n"
        ",paid,2026-05-31,2025-01-15,\n"
        "LN-3,,,2025-01-15,-5\n"
        "LN-4,paid,2026-05-31,2025-01-15,5\n"
        "LN-5,paid\n"
    )
    rows, refused = read(content)
    assert [row.row for row in rows] == [4]
    assert [(each.row, each.reference, each.field) for each in refused] == [
        (1, "LN-1", "status"),
        (1, "LN-1", "as_of"),
        (1, "LN-1", "paid"),
        (2, "", "application_reference"),
        (3, "LN-3", "status"),
        (3, "LN-3", "as_of"),
        (3, "LN-3", "paid"),
        (5, "", "(row)"),
    ]
    why = {(each.row, each.field): each.why for each in refused}
    assert "did you mean fully paid" in why[1, "status"]
    assert "is not a day up to today" in why[1, "as_of"]
    assert why[3, "as_of"] == "is missing: state it, or the day of the whole file"
    assert "allowed: a number from 0 to" in why[3, "paid"]
    assert why[5, "(row)"] == "has 2 columns; the header has 5"


def test_the_day_of_the_file_counts_for_rows_that_state_none(read: Callable[..., Read]) -> None:
    content = OWN + "LN-1,paid,,2025-01-15\nLN-2,paid,2026-04-30,2025-01-15\n"
    rows, _ = read(content, as_of=date(2026, 5, 31))
    assert [row.stated.as_of for row in rows] == [date(2026, 5, 31), date(2026, 4, 30)]
    (booked,), _ = read(OWN + "LN-1,booked,,2025-01-15\n")
    assert booked.stated.as_of == date(2025, 1, 15)


def test_the_order_of_day_and_month_is_found_in_the_whole_column(read: Callable[..., Read]) -> None:
    rows, _ = read(OWN + "LN-1,paid,03/04/2026,15/01/2025\nLN-2,paid,28/02/2026,15/01/2025\n")
    assert rows[0].stated.as_of == date(2026, 4, 3)
    with pytest.raises(LoanFileUnreadable, match="has a column as_of that is ambiguous"):
        read(OWN + "LN-1,paid,03/04/2026,2025-01-15\n")


def test_reading_continues_after_a_row(read: Callable[..., Read]) -> None:
    lines = [f"LN-{number},paid,2026-05-31,2025-01-15\n" for number in range(1, 11)]
    whole, _ = read(OWN + "".join(lines))
    for after_row in (0, 1, 3, 4, 9, 10):
        rest, _ = read(OWN + "".join(lines), after_row=after_row)
        assert rest == whole[after_row:]


def test_gzip_and_parquet_are_read_like_text(read: Callable[..., Read], tmp_path: Path) -> None:
    text = OWN + "4711,Fully Paid,2026-05-31,2025-01-15\n4712,Current,2026-05-31,2025-01-15\n"
    expected, _ = read(text)
    assert read(gzip.compress(text.encode()), "outcomes.csv.gz")[0] == expected
    frame = pl.DataFrame(
        {
            "application_reference": [4711.0, 4712.0],
            "status": ["Fully Paid", "Current"],
            "as_of": [date(2026, 5, 31)] * 2,
            "booked_on": [date(2025, 1, 15)] * 2,
        }
    )
    frame.write_parquet(tmp_path / "outcomes.parquet")
    rows, _ = read_file(tmp_path / "outcomes.parquet")
    assert [(row.key, row.stated) for row in rows] == [(row.key, row.stated) for row in expected]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("application_reference,as_of\nLN-1,2026-05-31\n", "lacks required columns: status"),
        ("status,as_of\npaid,2026-05-31\n", "lacks required columns: application_reference, application_id"),
        ("application_reference,status,Status\nLN-1,paid,paid\n", "has duplicate columns: status"),
        (OWN, "has a header but no outcomes"),
        ("Marta Jones,52000\nUdo Smith,48000\n", r"Columns found: \(another\), \(another\)"),
    ],
)
def test_a_file_that_cannot_be_one_of_outcomes_is_refused(
    read: Callable[..., Read], content: str, message: str
) -> None:
    with pytest.raises(LoanFileUnreadable, match=message):
        read(content)


def test_too_many_rows_are_refused(read: Callable[..., Read], tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text(OWN + "LN-1,paid,2026-05-31,2025-01-15\n" * 20)
    with pytest.raises(LoanFileUnreadable, match="has more than 10 rows"):
        list_of(path, ReadingLimits(rows=10))


def list_of(path: Path, limits: ReadingLimits) -> Sequence[object]:
    return list(read_outcomes(path, RowParser({}), chunk_rows=5, limits=limits))
