"""The pages of notices where the letter cannot be made, is withheld, or is not owed any more."""

import asyncio
from dataclasses import replace

import pytest
from nicegui import ui
from ui_lender import UiLender
from ui_person import Person

from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from domain.access.user import Actor, Role
from domain.applications.superseding import SupersedesReason, Superseding
from domain.notices.letterhead import Letterhead
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.ui.applications.application_form import application_from, sample_of
from support.letters import LETTERHEAD
from support.memory.cases import MemoryCases
from support.memory.notice_use_cases import notices_over

BAD = {"annual_inc": "9,000", "purpose": "moving"}
MARTA = Actor("marta", Role.LOAN_OFFICER)
CORA = Actor("cora", Role.COMPLIANCE)


@pytest.fixture
def letterhead() -> Letterhead:
    return LETTERHEAD


@pytest.fixture
def lender(letterhead: Letterhead) -> UiLender:
    """The lender with these settings of letters."""
    lender = UiLender()
    notices = notices_over(
        lender.decisions,
        MemoryCases(lender.decisions),
        lender.policies,
        ArchivedCreditModels(lender.bundles),
        lender.clock,
        lender.use_cases.reconsiderations,
        letterhead,
    )
    lender.use_cases = replace(lender.use_cases, notices=notices)
    return lender


async def open_notice(person: Person, lender: UiLender, name: str = "cora"):
    await lender.archive_versions()
    record = await lender.assess(**BAD)
    await person.log_in(name)
    await person.open(f"/notices/{record.decision_id}")
    return record


def may_issue(person: Person) -> bool:
    """Whether the button that issues the letter can be pressed."""
    buttons = [each for each in person.user.client.elements.values() if isinstance(each, ui.button)]
    (button,) = [each for each in buttons if each.text == "Issue letter"]
    return button.enabled


async def shown(person: Person, *texts: str) -> None:
    """Wait until the page shows the texts; a letter takes a moment."""
    for _ in range(200):
        if set(texts) <= set(person.texts()):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{set(texts) - set(person.texts())} not in {person.texts()}")


@pytest.mark.parametrize("letterhead", [Letterhead()], ids=["nothing is set"])
async def test_everything_that_is_missing_is_named_with_its_setting(person: Person, lender: UiLender):
    record = await open_notice(person, lender)
    await shown(person, "The letter cannot be made", "SCORING_CREDITOR_NAME", "SCORING_AGENCY_PHONE")
    assert not may_issue(person)
    assert (await person.browser.get(f"/notices/{record.decision_id}/letter.pdf")).status_code == 409


async def test_an_overturned_decline_is_not_owed_any_more(person: Person, lender: UiLender):
    await lender.archive_versions()
    record = await lender.assess(**BAD)
    await lender.use_cases.notices.read_notice(record.decision_id, by=CORA)
    request = AssessmentRequest(
        application_from(sample_of(PERSONAL_LOAN) | {"annual_inc": "120,000"}, PERSONAL_LOAN),
        MARTA,
        "api",
        supersedes=Superseding(record.decision_id, SupersedesReason.CORRECTION),
    )
    await lender.use_cases.supersede(request)
    await person.log_in("cora")
    await person.open(f"/notices/{record.decision_id}")
    await shown(person, "Cancelled", "A later decision on the application superseded this one.")
    assert not may_issue(person)
    await person.open("/notices?view=cancelled")
    await shown(person, "Adverse action", "Cancelled")


async def test_readers_see_no_preview(person: Person, lender: UiLender):
    await open_notice(person, lender, "rui")
    await shown(person, "Letter not issued yet", "It can be read here as soon as it is issued.")
    await person.should_not_see("Issue the letter", "Update preview", "Next notice")


async def test_the_letter_is_withheld_until_an_own_view_is_entered(person: Person, lender: UiLender):
    terms = replace(POLICY_3.review_terms, blind=True)
    policy = replace(POLICY_3, version="4", review_terms=terms)
    lender.policies._policies[policy.fingerprint] = policy
    lender.policy.put_in_force(policy)
    await lender.archive_versions()
    record = await lender.assess(**BAD)
    uma = Actor("uma", Role.UNDERWRITER)
    await lender.use_cases.cases.open_review(record.decision_id, "The applicant asks for it.", by=uma)
    await person.log_in("uma")
    await person.open(f"/notices/{record.decision_id}")
    await shown(person, "Your own view comes first")
    await person.should_see("Open the case")


@pytest.mark.parametrize("path", ["/notices/nonsense", "/notices/01a226a5-6d67-734a-b7a1-078678e28bb2"])
async def test_an_absent_notice_is_not_found(person: Person, path: str):
    await person.log_in("cora")
    assert (await person.browser.get(path)).status_code == 404


async def test_the_page_of_the_decision_shows_its_notice(person: Person, lender: UiLender):
    record = await open_notice(person, lender)
    await person.open(f"/decisions/{record.decision_id}")
    await person.should_see("Notice to the applicant", "Prepare it")
