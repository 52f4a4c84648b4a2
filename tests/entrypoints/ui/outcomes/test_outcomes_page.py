"""The page of outcomes: expected against observed default, and imports with their refused rows."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from nicegui import ui
from ui_lender import RUI, UiLender
from ui_person import Person

from application.ports.outcomes.outcome_imports import ImportedChunk
from domain.month import Month
from domain.outcomes.loan_outcome import StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.outcomes.outcome_import import ImportProgress
from support.batches import pieces

S = LoanStatus
THIS_MONTH = Month.of(datetime.now(UTC))
OLD, NEW = THIS_MONTH.later(-15).first_day, THIS_MONTH.first_day
ERRORS = b'1,2,LN-1,status,sold,is not a status\n3,4,"LN,3",,,names no application\n'


@pytest.fixture
async def rui(person: Person) -> Person:
    await person.log_in("rui")
    return person


async def lend(lender: UiLender, booked: date, status: LoanStatus | None = None, **entries: str) -> None:
    outcomes = [StatedOutcome(S.BOOKED, booked)]
    if status is not None:
        outcomes.append(StatedOutcome(status, booked + timedelta(days=200)))
    await lender.lend(*outcomes, **entries)


async def test_without_loans_the_page_says_where_they_come_from(rui: Person) -> None:
    await rui.open("/outcomes")
    await rui.should_see("No loans in these months", "Import outcomes", "No outcomes were imported yet.")


async def test_expected_and_observed_default_are_compared_by_month(rui: Person, lender: UiLender) -> None:
    await lend(lender, OLD, S.PREPAID)
    await lend(lender, OLD, S.CHARGED_OFF)
    await lend(lender, NEW)
    await rui.open("/outcomes")
    await rui.should_see("Expected and observed default", "3", "2 with a known label", "50.0")
    assert any("of 2 loans defaulted" in text for text in rui.texts())
    (chart, table) = [each.content for each in rui.user.client.elements.values() if isinstance(each, ui.html)][-2:]
    assert chart.count("class=immature") == 1
    assert 'role="img"' in chart
    assert "Immature, 1 not known" in table
    await rui.should_see("Shaded months are immature")


async def test_the_figures_are_downloaded(rui: Person, lender: UiLender) -> None:
    await lend(lender, OLD, S.CHARGED_OFF)
    answer = await rui.browser.get("/outcomes/vintages.csv?months=36&grade=A")
    (row,) = csv.DictReader(StringIO(answer.text))
    assert (row["booked"], row["loans"], row["defaults"], row["complete"]) == (
        str(THIS_MONTH.later(-15)),
        "1",
        "1",
        "true",
    )
    assert (row["observed"], row["synthetic"]) == ("1.000000", "false")
    assert 0 < float(row["expected"]) < 0.14
    empty = await rui.browser.get("/outcomes/vintages.csv?grade=G")
    assert len(empty.text.splitlines()) == 1


async def test_loans_are_filtered_by_the_address(rui: Person, lender: UiLender) -> None:
    await lend(lender, NEW)
    await rui.open("/outcomes?grade=G&months=12")
    await rui.should_see("No loans in these months")
    await rui.open("/outcomes?months=999&grade=")
    await rui.should_see("Expected and observed default")


async def test_an_import_shows_progress_and_its_refused_rows(rui: Person, lender: UiLender) -> None:
    submitted = await lender.use_cases.outcomes.submit_import(
        pieces(b"reference,status\n"), name="june.csv", by=RUI
    )
    page = f"/outcomes/imports/{submitted.wanted.import_id}"
    await rui.open("/outcomes")
    await rui.should_see("june.csv", "Queued")
    await rui.open(page)
    await rui.should_see("june.csv", "The import goes on by itself, also after an interruption")
    lease = await lender.outcome_imports.lease_next(lender.clock.now())
    assert lease is not None
    progress = ImportProgress(rows_read=5, recorded=2, repeated=1, refused=2, share_done=0.5, chunks=1)
    await lender.outcome_imports.record(lease, ImportedChunk([], [], ERRORS, progress))
    await rui.open(page)
    await rui.should_see("Running", "50 %", "5 rows", "Refused rows")
    (table,) = [
        each.content
        for each in rui.user.client.elements.values()
        if isinstance(each, ui.html) and "LN,3" in each.content
    ]
    assert "is not a status" in table
    download = await rui.browser.get(f"{page}/errors.csv")
    assert download.text.splitlines() == ["row,line,reference,field,value,why", *ERRORS.decode().splitlines()]


async def test_others_read_figures_and_import_nothing(person: Person, lender: UiLender) -> None:
    await lend(lender, NEW)
    await person.log_in("arthur")
    await person.open("/outcomes")
    await person.should_see("Expected and observed default")
    await person.should_not_see("Import outcomes")
