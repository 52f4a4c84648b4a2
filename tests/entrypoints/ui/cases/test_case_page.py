"""The page of a case: what is withheld from whom, and what is shown where a decision cannot be read."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from ui_lender import UiLender
from ui_person import Person

from domain.access.user import Actor, Role
from domain.cases.proposal import WantedResolution
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.final_outcome import FinalOutcome
from domain.policies.version_3 import POLICY_3

UMA = Actor("uma", Role.UNDERWRITER)
SCORE = "Probability of default"


async def a_case(lender: UiLender, **terms: Any) -> UUID:
    """The case of a referral under a policy with these terms of review."""
    review_terms = replace(POLICY_3.review_terms, **{"quality_share": 0.0, **terms})
    policy = replace(POLICY_3, version="4", review_terms=review_terms)
    lender.policies._policies[policy.fingerprint] = policy
    lender.policy.put_in_force(policy)
    await lender.archive_versions()
    record = await lender.assess(dti="30", inq_last_6mths="4")
    assert record.case_due_at is not None
    return record.decision_id


async def hold(lender: UiLender, case_id: UUID, by: Actor = UMA) -> int:
    """The version of the case after the person claimed it."""
    cases = lender.use_cases.cases
    seen = (await cases.read_state(case_id, by=by)).version
    return (await cases.claim(case_id, by=by, seen=seen)).case.version


async def open_as(person: Person, name: str, case_id: UUID) -> set[str]:
    """The texts of the page."""
    await person.log_in(name)
    await person.open(f"/cases/{case_id}")
    return set(person.texts())


async def submit(person: Person, form: str, seen: str = "", **entries: str) -> None:
    """Send a form with these entries, from the draft that the page began with."""
    draft = re.search(r'"id": "([0-9a-f-]{36})"', person.user.client.body_html)
    assert draft is not None
    values = {name.replace("_", "-"): text for name, text in entries.items()}
    person.user.find(marker=form).trigger("submit.prevent", {"id": seen or draft[1], "values": values})
    await asyncio.sleep(0.3)


async def test_the_score_is_withheld_until_an_own_view_is_entered(person: Person, lender: UiLender):
    case_id = await a_case(lender, blind=True)
    await hold(lender, case_id)
    texts = await open_as(person, "uma", case_id)
    await person.should_see("Your own view")
    await person.should_not_see(SCORE, "Resolve")
    assert not any("Grade" in text for text in texts)
    await submit(person, "own-view-form", own_view_outcome="declined", own_view_text="Too much debt.")
    await person.should_see(SCORE, "Resolve", "uma would decide: declined")
    await person.should_not_see("Your own view")


async def test_the_page_of_the_decision_leads_to_the_case_until_an_own_view_is_entered(
    person: Person, lender: UiLender
):
    case_id = await a_case(lender, blind=True)
    version = await hold(lender, case_id)
    await person.log_in("uma")
    await person.open(f"/decisions/{case_id}")
    await person.should_see("Your own view comes first", "Open the case")
    await person.should_not_see(SCORE)
    enter_own_view = lender.use_cases.cases.enter_own_view
    await enter_own_view(case_id, FinalOutcome.DECLINED, "Too much debt.", by=UMA, seen=version)
    await person.open(f"/decisions/{case_id}")
    await person.should_see(SCORE)


async def test_the_form_says_when_the_applicant_reads_the_explanation(person: Person, lender: UiLender):
    case_id = await a_case(lender)
    await hold(lender, case_id)
    await open_as(person, "uma", case_id)
    letter = "The letter to the applicant states this explanation."
    for outcome, reason, stated in (
        ("declined", "RISK_TOO_HIGH", False),
        ("declined", "OTHER", True),
        ("approved", "OTHER", False),
        ("counter_offer", "OTHER", True),
    ):
        for field, value in (("outcome", outcome), ("reason", reason)):
            (element,) = person.user.find(marker=field).elements
            element.value = value
            await asyncio.sleep(0.1)
        await (person.should_see if stated else person.should_not_see)(letter)


async def test_an_own_view_is_complete(person: Person, lender: UiLender):
    case_id = await a_case(lender, blind=True)
    await hold(lender, case_id)
    await open_as(person, "uma", case_id)
    await submit(person, "own-view-form", own_view_outcome="", own_view_text=" ")
    assert person.error_at("own-view-outcome") == "Select an option"
    assert person.error_at("own-view-text") == "Required"
    assert SCORE not in person.texts()


async def test_a_second_reviewer_sees_the_decision_after_the_own_one(person: Person, lender: UiLender):
    case_id = await a_case(lender, quality_share=1.0)
    declined = WantedResolution(FinalOutcome.DECLINED, "RISK_TOO_HIGH", "Too much debt.")
    resolve = lender.use_cases.cases.resolve
    await resolve(case_id, declined, by=UMA, seen=await hold(lender, case_id))
    await open_as(person, "udo", case_id)
    await person.should_see("Quality review")
    await person.should_not_see(SCORE, "Final decision", "Too much debt.")
    await submit(person, "quality-form", quality_outcome="approved", quality_text="Stable income.")
    await person.should_see(SCORE, "Final decision", "udo reviewed: approved", "Differs from the final decision")
    await person.should_not_see("Quality review")


async def test_a_note_is_added_once_however_often_it_is_sent(person: Person, lender: UiLender):
    case_id = await a_case(lender)
    await hold(lender, case_id)
    await open_as(person, "uma", case_id)
    for _ in range(2):
        await submit(person, "note-form", note="Called the employer.")
    assert person.texts().count("Called the employer.") == 1


async def test_entries_of_an_earlier_draft_do_nothing(person: Person, lender: UiLender):
    case_id = await a_case(lender)
    await hold(lender, case_id)
    await open_as(person, "uma", case_id)
    await submit(person, "note-form", seen=str(uuid4()), note="Called the employer.")
    assert "Called the employer." not in person.texts()


async def test_a_refused_change_says_why_and_keeps_the_entry(person: Person, lender: UiLender):
    case_id = await a_case(lender)
    await hold(lender, case_id)
    await open_as(person, "uma", case_id)
    lender.clock.offset = timedelta(minutes=16)
    await hold(lender, case_id, Actor("udo", Role.UNDERWRITER))
    await submit(person, "note-form", note="Called the employer.")
    await person.should_see("Case changed meanwhile", "You no longer hold this case")
    assert next(iter(person.user.find(marker="note").elements)).value == "Called the employer."


async def test_a_resolution_that_the_policy_does_not_know_is_refused(person: Person, lender: UiLender):
    case_id = await a_case(lender)
    await hold(lender, case_id)
    await open_as(person, "uma", case_id)
    entries = {"outcome": "counter_offer", "amount": "10,001", "term": "36", "reason": "OTHER", "text": "More."}
    await submit(person, "resolution-form", **entries)
    await person.should_see("Counter-offer not possible")
    await submit(person, "resolution-form", **(entries | {"outcome": "declined", "reason": "INCOME_VERIFIED"}))
    await person.should_see("Not accepted")
    assert next(iter(person.user.find(marker="text").elements)).value == "More."


async def test_a_case_whose_decision_cannot_be_read_is_shown(
    person: Person, lender: UiLender, monkeypatch: pytest.MonkeyPatch
):
    case_id = await a_case(lender)
    record = await lender.decisions.find(case_id)
    assert isinstance(record, DecisionRecord)
    damaged = UnreadableDecision(case_id, record.decided_at, "marta", None, "the document is damaged")

    async def find(decision_id: UUID) -> UnreadableDecision:
        return damaged

    opened = await lender.use_cases.cases.read_state(case_id, by=UMA)
    monkeypatch.setattr(lender.decisions, "find", find)
    assert opened.case_id == case_id
    texts = await open_as(person, "uma", case_id)
    assert {"The decision cannot be shown", "The document is damaged.", "Timeline"} <= texts


@pytest.mark.parametrize("address", ["unknown", "01a225f8-386d-7b24-8f8e-800052fbb5b0"])
async def test_an_absent_case_is_not_found(person: Person, address: str):
    await person.log_in("uma")
    answer = await person.browser.get(f"/cases/{address}")
    assert answer.status_code == 404
    assert "Case not found" in answer.text


async def test_a_review_shows_the_decision_that_it_may_override(person: Person, lender: UiLender):
    cases = lender.use_cases.cases
    first = await a_case(lender)

    async def decline(case_id: UUID, text: str) -> None:
        wanted = WantedResolution(FinalOutcome.DECLINED, "RISK_TOO_HIGH", text)
        await cases.resolve(case_id, wanted, by=UMA, seen=await hold(lender, case_id))

    await decline(first, "Too much debt.")
    review = (await cases.open_review(first, "New payslips.", by=UMA)).case.case_id
    shown = await open_as(person, "uma", review)
    assert {"Present final decision", "Too much debt."} <= shown
    assert any(text.startswith("Review of a decision") for text in shown)
    await decline(review, "The payslips are of another person.")
    shown = await open_as(person, "uma", first)
    assert {"Final decision", "Later final decision", "The payslips are of another person."} <= shown
    assert "Later final decision" not in await open_as(person, "uma", review)
