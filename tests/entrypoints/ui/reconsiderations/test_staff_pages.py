"""What the lender's people see of an applicant's request, and how they give access and accept a correction."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from ui_lender import UiLender
from ui_person import Person

from application.use_cases.reconsiderations.ask_for_reconsideration import WantedRequest
from domain.access.user import Actor, Role
from domain.reconsiderations.reconsideration import Reconsideration, ReconsiderationKind
from support.memory.reconsiderations import PAGE_URL

UMA = Actor("uma", Role.UNDERWRITER)
DECLINED = {"loan_amnt": "12000", "annual_inc": "20000"}


async def declined(lender: UiLender, **given: Any) -> UUID:
    await lender.archive_versions()
    record = await lender.assess(**(DECLINED | given))
    assert record.decision.outcome.value == "declined"
    return record.decision_id


async def asked(
    lender: UiLender, decision_id: UUID, text: str = "My income of last year.", **entered: str
) -> Reconsideration:
    """The applicant's request for a correction, or for a person if no value is stated."""
    use_cases = lender.use_cases.reconsiderations
    made = await use_cases.make_link(decision_id, by=UMA)
    assert made.address is not None
    token = made.address.removeprefix(f"{PAGE_URL}/applicant/")
    kind = ReconsiderationKind.CORRECTION if entered else ReconsiderationKind.HUMAN_REVIEW
    return await use_cases.ask(token, WantedRequest(kind, entered, text, "form1"), address="192.0.2.7")


async def claim(lender: UiLender, case_id: UUID) -> None:
    cases = lender.use_cases.cases
    seen = (await cases.read_state(case_id, by=UMA)).version
    await cases.claim(case_id, by=UMA, seen=seen)


async def test_the_case_shows_stated_values_beside_those_on_record(person: Person, lender: UiLender):
    request = await asked(lender, await declined(lender), annual_inc="64000", emp_length="10+ years")
    await person.log_in("uma")
    await person.open(f"/cases/{request.case_id}")
    await person.should_see("Applicant's request", "Correction of the application", "My income of last year.")
    texts = person.texts()
    start = texts.index("Applicant states")
    assert "$20,000" in texts[start:]
    assert "$64,000" in texts[start:]
    await person.should_see("Claim the case to accept the correction.")
    await person.should_not_see("Accept the correction?")


async def test_an_underwriter_accepts_a_correction_once(person: Person, lender: UiLender):
    decision_id = await declined(lender)
    request = await asked(lender, decision_id, annual_inc="64000")
    await claim(lender, request.case_id)
    await person.log_in("uma")
    await person.open(f"/cases/{request.case_id}")
    person.user.find(marker="accept-correction").click()
    await person.should_see("Accept the correction?")
    person.user.find(marker="confirm").click()
    await person.should_see("A later decision on the application replaced the referral")
    found = await lender.use_cases.reconsiderations.read(decision_id, by=UMA)
    (received,) = found.requests
    assert received.request.answered_by == "uma"
    await person.should_see("Overturned, by uma at")


async def test_a_request_for_a_person_has_nothing_to_accept(person: Person, lender: UiLender):
    request = await asked(lender, await declined(lender), text="Please look again.")
    await claim(lender, request.case_id)
    await person.log_in("uma")
    await person.open(f"/cases/{request.case_id}")
    await person.should_see("Review by a person", "Please look again.")
    await person.should_not_see("Accept the correction")


@pytest.mark.parametrize("name", ["arthur", "marta"])
async def test_people_who_work_no_cases_accept_nothing(person: Person, lender: UiLender, name: str):
    request = await asked(lender, await declined(lender), annual_inc="64000")
    await person.log_in(name)
    await person.open(f"/cases/{request.case_id}")
    await person.should_see("Applicant's request")
    await person.should_not_see("Accept the correction", "Claim the case to accept the correction.")


async def test_the_queue_marks_and_finds_requests_of_applicants(person: Person, lender: UiLender):
    await asked(lender, await declined(lender), annual_inc="64000")
    await lender.assess(dti="30", inq_last_6mths="4")
    await person.log_in("uma")
    await person.open("/cases?view=queue")
    await person.should_see("1 to 2 of 2 cases", "Applicant's request")
    await person.open("/cases?view=queue&request=yes")
    await person.should_see("1 to 1 of 1 case", "Applicant's request")


async def test_an_officer_makes_a_link_whose_address_is_shown_once(person: Person, lender: UiLender):
    decision_id = await declined(lender)
    await person.log_in("marta")
    await person.open(f"/applications/{decision_id}")
    person.user.find(marker="make-link").click()
    await asyncio.sleep(0.3)
    (address,) = person.user.find(marker="address").elements
    assert address.text.startswith(f"{PAGE_URL}/applicant/")
    token = address.text.removeprefix(f"{PAGE_URL}/applicant/")
    assert (await lender.use_cases.reconsiderations.applicant_page(token, address="")).state == "declined"
    await person.open(f"/applications/{decision_id}")
    await person.should_see("Link until")
    assert not any(PAGE_URL in text for text in person.texts())


async def test_the_application_shows_requests_and_their_answers(person: Person, lender: UiLender):
    decision_id = await declined(lender)
    await asked(lender, decision_id, annual_inc="64000")
    await person.log_in("arthur")
    await person.open(f"/applications/{decision_id}")
    await person.should_see("Applicant", "Correction of the application", "Open its case")
    await person.should_not_see("Make a link", "Revoke")
