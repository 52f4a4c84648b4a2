"""The list of applications, and the page of one: acceptance and withdrawal."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from nicegui import ui
from ui_lender import UiLender
from ui_person import Person

from domain.access.user import Actor, Role
from domain.applications.application_action import Acceptance, Withdrawal, WithdrawalReason
from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from entrypoints.ui.applications.application_search import address_of
from entrypoints.ui.decisions.decision_search import ListPage

GOOD = {"annual_inc": "120,000", "fico_range_low": "790", "fico_range_high": "794", "dti": "4", "revol_util": "3"}
BAD = {"annual_inc": "9,000", "purpose": "moving"}
OLGA = Actor("olga", Role.LOAN_OFFICER)


@pytest.fixture
async def marta(person: Person) -> Person:
    await person.log_in("marta")
    return person


@pytest.fixture
async def approved(lender: UiLender) -> DecisionRecord:
    return await lender.assess(**GOOD)


def actions(lender: UiLender):
    return [action for one in lender.applications._actions.values() for action in one]


async def test_an_empty_list_offers_a_new_application(marta: Person):
    await marta.open("/applications")
    await marta.should_see("No applications yet", "New application")


async def test_the_list_shows_states_and_is_filtered_by_them(marta: Person, lender: UiLender, approved):
    await lender.assess(**BAD)
    await marta.open("/applications")
    await marta.should_see("Approved", "Declined", "Applications 1 to 2")
    marta.enter(**{"search-state": "declined"})
    await asyncio.sleep(0.1)
    await marta.should_see("Applications 1 to 1")
    assert "Approved" not in marta.texts()
    await marta.open("/applications?reference=LN-unknown")
    await marta.should_see("No applications match", "Clear filters")


async def test_the_list_pages_to_older_applications(marta: Person, lender: UiLender):
    for _ in range(27):
        await lender.assess()
    await marta.open("/applications")
    await marta.should_see("Applications 1 to 25")
    await marta.click("Older")
    await marta.should_see("Applications 26 to 27")


async def test_an_acceptance_is_recorded_for_less(marta: Person, lender: UiLender, approved):
    await marta.open(f"/applications/{approved.decision_id}")
    await marta.should_see("Approved", "The applicant can accept", "Expires")
    await marta.click("Record acceptance")
    await marta.should_see("Record the acceptance?")
    marta.enter(**{"accepted-amount": "8,0x"})
    marta.user.find(marker="confirm").click()
    await asyncio.sleep(0.1)
    assert marta.error_at("accepted-amount")
    marta.enter(**{"accepted-amount": "8,000"})
    marta.user.find(marker="confirm").click()
    await asyncio.sleep(0.2)
    await marta.should_see("Accepted", "The applicant accepted $8,000.")
    (action,) = actions(lender)
    assert (action.actor.name, action.details) == (
        "marta",
        Acceptance(Money(800_000), approved.application.terms.amount),
    )
    assert "Withdraw application" not in buttons(marta)


def buttons(person: Person) -> list[str]:
    return [each.text for each in person.user.client.elements.values() if isinstance(each, ui.button)]


async def test_an_amount_above_the_offer_is_refused(marta: Person, lender: UiLender, approved):
    await marta.open(f"/applications/{approved.decision_id}")
    await marta.click("Record acceptance")
    marta.enter(**{"accepted-amount": "36,000"})
    marta.user.find(marker="confirm").click()
    await asyncio.sleep(0.2)
    assert "Not possible for this application" in marta.user.notify.messages
    assert actions(lender) == []


async def test_a_withdrawal_needs_a_reason(marta: Person, lender: UiLender, approved):
    await marta.open(f"/applications/{approved.decision_id}")
    await marta.click("Withdraw application")
    marta.user.find(marker="confirm").click()
    await asyncio.sleep(0.1)
    assert marta.error_at("withdrawal-reason") == "Select an option"
    marta.enter(**{"withdrawal-reason": "other"})
    marta.user.find(marker="confirm").click()
    await asyncio.sleep(0.1)
    assert marta.error_at("withdrawal-text") == "Required"
    marta.enter(**{"withdrawal-text": "Moved\nabroad"})
    marta.user.find(marker="confirm").click()
    await asyncio.sleep(0.2)
    await marta.should_see("Withdrawn: Other", "Moved abroad", "Recorded by marta (loan officer)")
    (action,) = actions(lender)
    assert isinstance(action.details, Withdrawal)
    assert action.details.reason is WithdrawalReason.OTHER


async def test_a_double_click_asks_and_records_once(marta: Person, lender: UiLender, approved):
    await marta.open(f"/applications/{approved.decision_id}")
    accept = marta.user.find(kind=ui.button, content="Record acceptance")
    accept.click()
    accept.click()
    await asyncio.sleep(0.2)
    confirm = marta.user.find(marker="confirm")
    assert len(confirm.elements) == 1
    confirm.click()
    confirm.click()
    await asyncio.sleep(0.2)
    assert len(actions(lender)) == 1


async def test_the_second_of_two_officers_is_told_who_was_first(marta: Person, lender: UiLender, approved):
    await marta.open(f"/applications/{approved.decision_id}")
    await marta.click("Record acceptance")
    await lender.use_cases.applications.withdraw(approved.decision_id, WithdrawalReason.DUPLICATE, by=OLGA)
    marta.user.find(marker="confirm").click()
    await asyncio.sleep(0.2)
    assert "Not possible for this application" in marta.user.notify.messages
    await marta.should_see("Withdrawn", "Recorded by olga (loan officer)")
    assert len(actions(lender)) == 1


async def test_an_expired_offer_can_no_longer_be_accepted(marta: Person, lender: UiLender, approved):
    lender.clock.offset = timedelta(days=30)
    await marta.log_in("marta")
    await marta.open(f"/applications/{approved.decision_id}")
    await marta.should_see("Expired", "The offer expired on")
    assert not {"Record acceptance", "Withdraw application"} & set(buttons(marta))


async def test_auditors_read_and_change_nothing(person: Person, approved):
    await person.log_in("arthur")
    await person.open(f"/applications/{approved.decision_id}")
    await person.should_see("Approved", "What happened")
    assert not {"Record acceptance", "Withdraw application"} & set(buttons(person))


async def test_a_decline_is_shown_without_offer(marta: Person, lender: UiLender):
    declined = await lender.assess(**BAD)
    await marta.open(f"/applications/{declined.decision_id}")
    await marta.should_see("Declined", "The application does not meet lending policy.")
    assert "Offer" not in marta.texts()


@pytest.mark.parametrize("identifier", ["LN-1", "0193b6a2-5d3c-7c1e-8f4a-2b9d6e7f8a01"])
async def test_an_unknown_application_is_not_found(marta: Person, identifier: str):
    answer = await marta.browser.get(f"/applications/{identifier}")
    assert answer.status_code == 404
    assert "Application not found" in answer.text


async def test_an_application_that_cannot_be_read_is_listed(marta: Person, lender: UiLender, approved):
    lender.decisions.damage(approved.decision_id, "it is not valid JSON")
    await marta.open("/applications")
    await marta.should_see("Cannot be read", "It is not valid JSON.")


async def test_the_decision_leads_to_its_application(marta: Person, lender: UiLender, approved):
    await lender.use_cases.applications.accept(approved.decision_id, by=OLGA)
    await marta.open(f"/decisions/{approved.decision_id}")
    await marta.should_see("Accepted", "Open application")
    answer = await marta.browser.get(f"/decisions/{approved.decision_id}")
    assert f'"href":"/applications/{approved.decision_id}"' in answer.text


async def test_a_trial_run_has_no_application(marta: Person, lender: UiLender, approved):
    trial = replace(approved, decision_id=uuid4(), trial=True)
    await lender.decisions.record(trial)
    await marta.open(f"/decisions/{trial.decision_id}")
    await marta.should_not_see("Open application")
    assert (await marta.browser.get(f"/applications/{trial.decision_id}")).status_code == 404


async def test_the_address_keeps_the_page(marta: Person, lender: UiLender):
    for _ in range(27):
        await lender.assess()
    await marta.open("/applications?page=2&cursor=25")
    await marta.should_see("Applications 26 to 27")
    await marta.open("/applications?page=2&cursor=nonsense")
    await marta.should_see("Applications 1 to 25")
    assert (
        address_of({"state": "approved"}, ListPage(2, ("25",))) == "/applications?state=approved&page=2&cursor=25"
    )
