"""What the page of an application tells of cases, final decisions and what followed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from application.ports.cases.cases import CaseUnreadable
from domain.access.user import Actor, Role
from domain.applications.application_action import WithdrawalReason
from domain.applications.money import Money
from domain.applications.superseding import SupersedesReason
from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from entrypoints.ui.applications.application_view import ApplicationView, application_view
from support.builders import an_identifier
from support.cases import SARA, UMA
from support.desk import WEAK, Desk

MARTA = Actor("marta", Role.LOAN_OFFICER)


async def view_of(desk: Desk, decision_id, *, internal: bool = True) -> ApplicationView:
    chain = await desk.application_use_cases.read(decision_id, by=MARTA)
    return application_view(chain, internal=internal)


def titles(view: ApplicationView) -> list[str]:
    return [entry.title for entry in view.timeline]


async def test_a_counter_offer_and_its_expiry_are_told():
    desk = Desk()
    case = await desk.claimed()
    desk.wait(timedelta(minutes=5))
    offer = {"amount": Money(500_000), "term": 36}
    await desk.resolve(case, FinalOutcome.COUNTER_OFFER, reason="AFFORDABLE_AT_OTHER_TERMS", **offer)
    view = await view_of(desk, case.decision_id)
    assert (view.state_label, view.offer.amount) == ("Counter-offer", "$5,000")
    assert view.meaning.startswith("The applicant can accept $5,000 over 36 months until ")
    assert titles(view) == [
        "uma made a counter-offer of $5,000 over 36 months",
        "The system referred $9,000 over 36 months",
    ]
    assert view.timeline[0].href == f"/cases/{case.case_id}"
    desk.wait(timedelta(days=30))
    expired = await view_of(desk, case.decision_id)
    assert titles(expired)[0] == "The offer of $5,000 expired"
    assert expired.meaning.startswith("The offer expired on ")


async def test_a_service_does_not_see_who_decided():
    desk = Desk()
    case = await desk.claimed(log_odds=WEAK)
    desk.wait(timedelta(minutes=5))
    await desk.resolve(case, FinalOutcome.APPROVED)
    proposed = await desk.cases.find(case.case_id)
    desk.wait(timedelta(minutes=5))
    await desk.second(proposed, SARA, text="Payslips seen.")
    inside, outside = [await view_of(desk, case.decision_id, internal=internal) for internal in (True, False)]
    assert titles(inside)[0] == "uma approved $9,000 over 36 months"
    assert "Second approval by sara" in inside.timeline[0].details
    assert titles(outside)[0] == "An underwriter approved $9,000 over 36 months"
    assert not {"uma", "sara"} & set(" ".join([*titles(outside), *outside.timeline[0].details]).split())
    assert outside.timeline[0].href == ""


async def test_a_review_and_a_withdrawal_are_told():
    desk = Desk()
    record = await desk.refer(outcome=Outcome.DECLINED)
    desk.wait(timedelta(minutes=1))
    await desk.use_cases.open_review(record.decision_id, "New payslips.", by=UMA)
    desk.wait(timedelta(minutes=1))
    applications = desk.application_use_cases
    await applications.withdraw(
        record.decision_id, WithdrawalReason.OTHER_LENDER, "Found a cheaper loan", by=MARTA
    )
    view = await view_of(desk, record.decision_id)
    assert sorted(titles(view)[:2]) == [
        "The referral case was withdrawn",
        "Withdrawn: The applicant chose another lender",
    ]
    assert titles(view)[2:] == [
        "A review of the decision was opened",
        "The system declined $9,000 over 36 months",
    ]
    assert view.meaning == "The application is withdrawn."


async def test_a_decision_that_replaced_another_says_why():
    desk = Desk()
    first = await desk.refer(outcome=Outcome.DECLINED)
    later = replace(
        first,
        decision_id=an_identifier(first.decided_at + timedelta(hours=1)),
        decided_at=first.decided_at + timedelta(hours=1),
        decision=replace(first.decision, outcome=Outcome.APPROVED),
        supersedes=first.decision_id,
        supersedes_reason=SupersedesReason.NEW_BUREAU_DATA,
    )
    await desk.decisions.record(later)
    view = await view_of(desk, first.decision_id)
    assert (view.application_id, view.state_label) == (str(first.decision_id), "Approved")
    assert titles(view) == [
        "The system approved $9,000 over 36 months",
        "The system declined $9,000 over 36 months",
    ]
    replaced = view.timeline[0]
    assert replaced.text == "Replaces the decision before. Reason: new data of the credit bureau."
    assert replaced.href == f"/decisions/{later.decision_id}"


async def test_what_cannot_be_read_is_told_too(monkeypatch: pytest.MonkeyPatch):
    desk = Desk()
    case = await desk.claimed()
    first = await desk.decisions.find(case.decision_id)
    assert isinstance(first, DecisionRecord)
    later = replace(
        first,
        decision_id=an_identifier(first.decided_at + timedelta(hours=1)),
        decided_at=first.decided_at + timedelta(hours=1),
        supersedes=first.decision_id,
        supersedes_reason=SupersedesReason.CORRECTION,
        case_due_at=None,
    )
    await desk.decisions.record(later)
    desk.decisions.damage(first.decision_id, "it is not valid JSON")

    async def unreadable(case_id: UUID):
        raise CaseUnreadable("action 1 cannot be read")

    monkeypatch.setattr(desk.cases, "actions", unreadable)
    view = await view_of(desk, later.decision_id)
    assert set(titles(view)) == {
        "The system referred $9,000 over 36 months",
        "A referral case that cannot be read",
        "A decision that cannot be read",
    }
    assert {entry.text for entry in view.timeline} >= {"It is not valid JSON.", "Action 1 cannot be read."}
