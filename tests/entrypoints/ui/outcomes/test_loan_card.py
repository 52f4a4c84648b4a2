"""The loan on the page of its application: outcomes are recorded and corrected, once, and with a reason."""

import asyncio
from datetime import date

import pytest
from nicegui import ui
from ui_lender import RUI, UiLender
from ui_person import Person

from domain.outcomes.loan_outcome import LoanOutcome, StatedOutcome
from domain.outcomes.loan_status import LoanStatus

BOOKED = StatedOutcome(LoanStatus.BOOKED, date(2025, 1, 15))
PERFORMING = StatedOutcome(LoanStatus.PERFORMING, date(2025, 6, 30), booked_on=date(2025, 1, 15))


@pytest.fixture
async def rui(person: Person) -> Person:
    await person.log_in("rui")
    return person


def outcomes(lender: UiLender) -> list[LoanOutcome]:
    return [each for history in lender.decisions.loan_outcomes.values() for each in history]


async def confirm(person: Person) -> None:
    person.user.find(marker="confirm-outcome").click()
    await asyncio.sleep(0.2)


async def test_an_application_that_is_not_accepted_has_no_loan(rui: Person, lender: UiLender) -> None:
    record = await lender.assess()
    await rui.open(f"/applications/{record.decision_id}")
    await rui.should_not_see("Loan")


async def test_a_first_outcome_is_recorded(rui: Person, lender: UiLender) -> None:
    record = await lender.lend()
    await rui.open(f"/applications/{record.decision_id}")
    await rui.should_see("Loan", "No outcome yet", "It counts in no figure before its first outcome.")
    await rui.click("Record outcome")
    await confirm(rui)
    assert rui.error_at("outcome-status") == "Select an option"
    assert rui.error_at("outcome-as_of") == "Required"
    rui.enter(**{"outcome-status": "performing", "outcome-as_of": "2025-06-30", "outcome-paid": "1,50x"})
    await confirm(rui)
    assert rui.error_at("outcome-paid")
    rui.enter(**{"outcome-paid": "1,500.25"})
    await confirm(rui)
    assert str(rui.error_at("outcome-booked_on")).startswith("Is missing in the first outcome")
    rui.enter(**{"outcome-booked_on": "2025-01-15"})
    await confirm(rui)
    await rui.should_see(
        "Performing", "As of 30 Jun 2025", "Paid so far $1,500.25", "1. Performing, as of 30 Jun 2025"
    )
    (recorded,) = outcomes(lender)
    assert (recorded.actor, recorded.stated.booked_on) == (RUI, date(2025, 1, 15))
    await rui.should_see("Immature: whether it counts as defaulted is known when")


async def test_a_correction_needs_a_reason_and_keeps_the_history(rui: Person, lender: UiLender) -> None:
    record = await lender.lend(BOOKED, PERFORMING)
    await rui.open(f"/applications/{record.decision_id}")
    rui.user.find(marker="correct-2").click()
    await asyncio.sleep(0.2)
    rui.enter(**{"outcome-status": "charged_off", "outcome-charged_off": "9,000"})
    await confirm(rui)
    assert rui.error_at("outcome-reason") == "Required"
    assert len(outcomes(lender)) == 2
    rui.enter(**{"outcome-reason": "The servicer sent the wrong file."})
    await confirm(rui)
    await rui.should_see(
        "Charged off",
        "Counts as defaulted since 30 Jun 2025.",
        "Corrects outcome 2: The servicer sent the wrong file.",
        "Corrected by outcome 3",
    )
    assert len(outcomes(lender)) == 3
    (struck,) = [each for each in rui.user.client.elements.values() if "corrected" in each.classes]
    assert struck.text.startswith("2. Performing")


async def test_an_outcome_that_cannot_follow_is_refused_with_the_rule(rui: Person, lender: UiLender) -> None:
    paid = StatedOutcome(LoanStatus.PAID, date(2025, 9, 1))
    record = await lender.lend(BOOKED, paid)
    await rui.open(f"/applications/{record.decision_id}")
    await rui.should_see("Paid", "Counts as repaid since 1 Sep 2025.")
    await rui.click("Record outcome")
    rui.enter(**{"outcome-status": "performing", "outcome-as_of": "2025-10-01"})
    await confirm(rui)
    await rui.should_see("Not possible for this loan", "cannot be performing on 2025-10-01")
    assert len(outcomes(lender)) == 2


async def test_the_second_of_two_people_learns_of_the_first(rui: Person, lender: UiLender) -> None:
    record = await lender.lend(BOOKED)
    await rui.open(f"/applications/{record.decision_id}")
    await rui.click("Record outcome")
    await lender.use_cases.outcomes.record(record.decision_id, PERFORMING, by=RUI)
    rui.enter(**{"outcome-status": "paid", "outcome-as_of": "2025-10-01"})
    await confirm(rui)
    await rui.should_see("Loan changed meanwhile")
    assert len(outcomes(lender)) == 2


async def test_a_double_click_records_once(rui: Person, lender: UiLender) -> None:
    record = await lender.lend(BOOKED)
    await rui.open(f"/applications/{record.decision_id}")
    await rui.click("Record outcome")
    rui.enter(**{"outcome-status": "paid", "outcome-as_of": "2025-10-01"})
    button = rui.user.find(marker="confirm-outcome")
    button.click()
    button.click()
    await asyncio.sleep(0.2)
    assert len(outcomes(lender)) == 2


async def test_others_read_the_loan_and_record_nothing(person: Person, lender: UiLender) -> None:
    record = await lender.lend(BOOKED)
    await person.log_in("arthur")
    await person.open(f"/applications/{record.decision_id}")
    await person.should_see("Loan", "Booked")
    buttons = {each.text for each in person.user.client.elements.values() if isinstance(each, ui.button)}
    assert not {"Record outcome", "Correct"} & buttons
