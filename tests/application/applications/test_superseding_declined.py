"""What a person declined is changed by people only."""

from dataclasses import replace
from uuid import UUID

import pytest

from adapters.system import TimeOrderedIdentifiers
from application.use_cases.applications.supersede_decision import RecordSuperseding
from domain.applications.superseding import DeclinedByPerson, SupersedesReason
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.builders import a_decision, a_loan_application
from support.desk import Desk
from support.memory.superseding import MemorySupersedingDecisions


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def supersede(desk: Desk, decision_id: UUID) -> None:
    """Send the application again with a smaller amount, which the policy approves."""
    earlier = await desk.decisions.find(decision_id)
    again = replace(
        earlier,
        decision_id=TimeOrderedIdentifiers().new(),
        application=a_loan_application(loan_amnt=5_000),
        decision=a_decision(outcome=Outcome.APPROVED, policy_version="desk"),
        case_due_at=None,
        supersedes=decision_id,
        supersedes_reason=SupersedesReason.CORRECTION,
    )
    decisions = MemorySupersedingDecisions(desk.decisions, desk.applications, desk.cases)
    await RecordSuperseding(desk.applications, decisions, desk.cases, TimeOrderedIdentifiers())(again)


async def test_changed_figures_do_not_lift_the_decline_of_a_person(desk: Desk) -> None:
    case = await desk.resolve(await desk.claimed(), FinalOutcome.DECLINED)
    with pytest.raises(DeclinedByPerson, match="open a review"):
        await supersede(desk, case.decision_id)


async def test_what_a_person_approved_and_what_still_waits_is_decided_again(desk: Desk) -> None:
    approved = await desk.resolve(await desk.claimed(), FinalOutcome.APPROVED)
    waiting = await desk.refer(identity=replace((await desk.refer()).identity, application_reference="LN-2"))
    for decision_id in (approved.decision_id, waiting.decision_id):
        await supersede(desk, decision_id)
        seen = await desk.applications.find(decision_id)
        assert seen is not None
        assert len(seen.decision_ids) == 2
