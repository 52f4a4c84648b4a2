"""The contract of every store of decisions that supersede others, through the use case that records them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.applications.superseding_decisions import PostgresSupersedingDecisions
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.database.connections import database_engine
from adapters.system import TimeOrderedIdentifiers
from application.ports.applications.applications import ApplicationConflict, Applications, StoredApplication
from application.ports.applications.superseding_decisions import SupersedingDecision
from application.ports.cases.cases import CaseChange, Cases
from application.ports.decisions.decision_ledger import ApplicationReferenceTaken
from application.ports.decisions.idempotency import IdempotencyKey, KeyReused
from application.use_cases.applications.supersede_decision import RecordSuperseding, SupersededDecisionNotFound
from application.use_cases.decisions.request_content import claim_of
from domain.access.user import Actor, Role
from domain.applications.application_action import (
    Acceptance,
    ApplicationAction,
    Details,
    Withdrawal,
    WithdrawalReason,
)
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.application_life import AlreadyAccepted, AlreadyWithdrawn
from domain.applications.application_state import ApplicationState
from domain.applications.loan_application import ProductVersion
from domain.applications.money import Money
from domain.applications.superseding import AlreadySuperseded, OtherProduct, OtherReference, SupersedesReason
from domain.cases.case_state import CaseState
from domain.cases.endings import CaseWithdrawn
from domain.cases.endings import WithdrawalReason as CaseWithdrawalReason
from domain.cases.referral_case import ReferralCase
from domain.cases.review import ReviewOpened, review_case
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from support.builders import A_MOMENT, a_decision, a_decision_record, a_loan_application, an_identifier
from support.databases import Store, postgres_store_at
from support.memory.applications import MemoryApplications
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions
from support.memory.superseding import MemorySupersedingDecisions
from support.states import check_states

LOS, PORTAL, MARTA = (
    Actor("los", Role.SERVICE),
    Actor("portal", Role.SERVICE),
    Actor("marta", Role.LOAN_OFFICER),
)
KEY = IdempotencyKey("key-1")


@dataclass
class Desk:
    """The use case and the ports around it."""

    supersede: RecordSuperseding
    applications: Applications
    cases: Cases
    store: Store

    async def decide(self, reference: str | None = "LN-1", *, by: Actor = LOS, **changed: Any) -> DecisionRecord:
        """Record the first decision on an application."""
        record = decided(by=by, identity=identified(reference), **changed)
        await self.store.ledger.record(record)
        return record

    async def seen(self, record: DecisionRecord) -> StoredApplication:
        found = await self.applications.find(record.decision_id)
        assert found is not None
        return found

    async def act(self, seen: StoredApplication, details: Details) -> None:
        action = ApplicationAction(
            uuid4(), seen.application_id, seen.decision_ids[-1], 1, A_MOMENT, MARTA, details
        )
        await self.applications.append(action, seen)

    async def recorded(self) -> int:
        """The number of decisions on record, after verifying the trail."""
        assert await self.store.violations() == []
        entries = [entry async for entry, _ in self.store.trail.entries()]
        return len([entry for entry in entries if entry.action == "decision recorded"])


def identified(reference: str | None = "LN-1") -> ApplicationIdentity:
    return NO_IDENTITY if reference is None else ApplicationIdentity(reference)


def decided(*, by: Actor = LOS, outcome: Outcome = Outcome.APPROVED, **changed: Any) -> DecisionRecord:
    """A decision on an application with a reference of the caller's own."""
    due = A_MOMENT + timedelta(hours=48) if outcome is Outcome.REFERRED else None
    usual = {
        "decision_id": an_identifier(A_MOMENT),
        "identity": identified(),
        "requested_by": by,
        "trial": False,
        "case_due_at": due,
        "decision": a_decision(outcome=outcome),
    }
    return a_decision_record(**usual | changed)


def again(superseded: DecisionRecord, *, amount: float = 9_000, **changed: Any) -> DecisionRecord:
    """The decision on the same application with another amount."""
    usual = {
        "application": a_loan_application(loan_amnt=amount),
        "supersedes": superseded.decision_id,
        "supersedes_reason": SupersedesReason.CORRECTION,
        "decided_at": A_MOMENT + timedelta(hours=1),
    }
    return decided(**{"identity": superseded.identity, **usual, **changed})


@pytest.fixture
async def desk_in_postgres(migrated_url: str) -> AsyncIterator[Desk]:
    engine = database_engine(migrated_url, max_connections=8)
    async with postgres_store_at(migrated_url) as store:
        applications, cases = PostgresApplications(engine), PostgresCases(engine)
        decisions = PostgresSupersedingDecisions(engine)
        supersede = RecordSuperseding(applications, decisions, cases, TimeOrderedIdentifiers())
        yield Desk(supersede, applications, cases, store)
    await check_states(engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def desk(request: pytest.FixtureRequest) -> Desk:
    if request.param == "postgres":
        found: Desk = request.getfixturevalue("desk_in_postgres")
        return found
    memory = MemoryDecisions()
    applications, cases = MemoryApplications(memory), MemoryCases(memory)
    decisions = MemorySupersedingDecisions(memory, applications, cases)
    supersede = RecordSuperseding(applications, decisions, cases, TimeOrderedIdentifiers())
    return Desk(supersede, applications, cases, Store.in_memory(memory))


async def test_a_superseding_decision_is_the_newest_of_the_application(desk: Desk) -> None:
    first = await desk.decide()
    second = again(first)
    result = await desk.supersede(second)
    assert (result.record, result.replayed) == (second, False)
    for member in (first, second):
        application = await desk.applications.find(member.decision_id)
        assert application is not None
        assert application.decision_ids == (first.decision_id, second.decision_id)
    third = again(second, amount=8_000)
    await desk.supersede(third)
    application = await desk.applications.find(first.decision_id)
    assert application is not None
    assert application.decision_ids == (first.decision_id, second.decision_id, third.decision_id)
    assert await desk.applications.successors([each.decision_id for each in (first, second, third)]) == {
        first.decision_id: second.decision_id,
        second.decision_id: third.decision_id,
    }
    assert await desk.recorded() == 3


@pytest.mark.parametrize("by", [LOS, MARTA])
async def test_the_reference_stands_for_the_newest_decision(desk: Desk, by: Actor) -> None:
    """Also where an officer decides the application of a service again: the reference is the service's."""
    first = await desk.decide()
    second = again(first, by=by)
    await desk.supersede(second)
    (taken,) = await desk.store.ledger.record_each([(decided(), None)])
    assert isinstance(taken, ApplicationReferenceTaken)
    assert (taken.decision_id, taken.decision, taken.owner) == (second.decision_id, second, LOS.name)
    third = again(second, amount=8_000)
    await desk.supersede(third)
    (taken,) = await desk.store.ledger.record_each([(decided(), None)])
    assert isinstance(taken, ApplicationReferenceTaken)
    assert taken.decision_id == third.decision_id


async def test_a_reference_that_the_earlier_decision_had_not_is_taken(desk: Desk) -> None:
    first = await desk.decide(None)
    second = again(first, identity=identified("LN-2"))
    await desk.supersede(second)
    (taken,) = await desk.store.ledger.record_each([(decided(identity=identified("LN-2")), None)])
    assert isinstance(taken, ApplicationReferenceTaken)
    assert taken.decision_id == second.decision_id


async def test_a_reference_of_another_application_is_refused(desk: Desk) -> None:
    other, first = await desk.decide("LN-2"), await desk.decide(None)
    with pytest.raises(ApplicationReferenceTaken) as taken:
        await desk.supersede(again(first, identity=identified("LN-2")))
    assert taken.value.decision_id == other.decision_id
    assert await desk.recorded() == 2
    assert await desk.applications.successors([first.decision_id]) == {}


async def test_a_decision_of_others_under_the_reference_is_not_named(desk: Desk) -> None:
    await desk.decide("LN-2", by=PORTAL)
    first = await desk.decide(None)
    identity = ApplicationIdentity("LN-2", source=PORTAL.name)
    with pytest.raises(ApplicationReferenceTaken) as taken:
        await desk.supersede(again(first, identity=identity))
    assert taken.value.decision_id is None


async def test_a_repeated_request_gets_the_decision_that_it_made(desk: Desk) -> None:
    first = await desk.decide()
    second = again(first)
    await desk.supersede(second)
    repeated = await desk.supersede(replace(second, decision_id=uuid4()))
    assert (repeated.record, repeated.replayed) == (second, True)
    await desk.supersede(again(second, amount=8_000))
    repeated = await desk.supersede(replace(second, decision_id=uuid4()))
    assert (repeated.record, repeated.replayed) == (second, True)
    assert await desk.recorded() == 3


async def test_a_key_stands_for_one_request(desk: Desk) -> None:
    first = await desk.decide()
    second = again(first)
    await desk.supersede(second, claim_of(second, KEY))
    repeated = replace(second, decision_id=uuid4())
    result = await desk.supersede(repeated, claim_of(repeated, KEY))
    assert (result.record, result.replayed) == (second, True)
    other = again(second, amount=8_000)
    with pytest.raises(KeyReused):
        await desk.supersede(other, claim_of(other, KEY))
    assert await desk.recorded() == 2


async def test_only_the_newest_decision_can_be_superseded(desk: Desk) -> None:
    first = await desk.decide()
    second = again(first)
    await desk.supersede(second)
    with pytest.raises(AlreadySuperseded, match=str(second.decision_id)) as refused:
        await desk.supersede(again(first, amount=8_000))
    assert refused.value.decision_id == second.decision_id
    assert await desk.recorded() == 2


async def test_an_application_keeps_its_product_and_its_reference(desk: Desk) -> None:
    first = await desk.decide()
    other = replace(a_loan_application(), product=ProductVersion("boat_loan", "1"))
    with pytest.raises(OtherProduct, match="boat_loan"):
        await desk.supersede(again(first, application=other))
    for identity in (NO_IDENTITY, identified("LN-2"), ApplicationIdentity("LN-1", source="los")):
        with pytest.raises(OtherReference, match="LN-1"):
            await desk.supersede(again(first, identity=identity))
    assert await desk.recorded() == 1


async def test_an_accepted_or_withdrawn_application_is_not_decided_again(desk: Desk) -> None:
    accepted, withdrawn = await desk.decide("LN-1"), await desk.decide("LN-2")
    amount = accepted.application.terms.amount
    await desk.act(await desk.seen(accepted), Acceptance(amount, amount))
    await desk.act(
        await desk.seen(withdrawn), Withdrawal(WithdrawalReason.NO_LONGER_NEEDED, "", ApplicationState.APPROVED)
    )
    with pytest.raises(AlreadyAccepted, match="marta"):
        await desk.supersede(again(accepted))
    with pytest.raises(AlreadyWithdrawn, match="marta"):
        await desk.supersede(again(withdrawn))
    assert await desk.recorded() == 2


async def test_what_the_caller_may_not_see_cannot_be_superseded(desk: Desk) -> None:
    first = await desk.decide(by=LOS)
    trial = replace(decided(identity=identified("LN-3")), trial=True)
    await desk.store.ledger.record(trial)
    for record in (
        again(first, by=PORTAL),
        again(first, supersedes=uuid4()),
        again(trial, identity=NO_IDENTITY),
    ):
        with pytest.raises(SupersededDecisionNotFound):
            await desk.supersede(record)
    await desk.supersede(again(first, by=MARTA))


async def test_the_case_of_the_superseded_decision_is_withdrawn(desk: Desk) -> None:
    first = await desk.decide(outcome=Outcome.REFERRED)
    second = again(first, outcome=Outcome.REFERRED)
    await desk.supersede(second)
    case, next_case = await desk.cases.find(first.decision_id), await desk.cases.find(second.decision_id)
    assert case is not None
    assert next_case is not None
    assert (case.state, next_case.state) == (CaseState.WITHDRAWN, CaseState.OPEN)
    (action,) = await desk.cases.actions(first.decision_id)
    assert action.details == CaseWithdrawn(CaseWithdrawalReason.SUPERSEDED)
    assert action.actor == LOS
    assert await desk.recorded() == 2


async def test_a_review_that_is_opened_meanwhile_is_withdrawn_too(desk: Desk) -> None:
    first = await desk.decide()
    seen = await desk.seen(first)
    case = review_case(first, uuid4(), at=A_MOMENT, due_at=A_MOMENT + timedelta(hours=48))
    opened = case.act(
        ReviewOpened(first.decision_id, "Appeal.", case.due_at), by=MARTA, at=A_MOMENT, action_id=uuid4()
    )
    await desk.cases.open_review(CaseChange(case.after(opened), opened))
    with pytest.raises(ApplicationConflict):
        await desk.supersede.decisions.record(SupersedingDecision(again(first), seen))
    await desk.supersede(again(first))
    review = await desk.cases.find(case.case_id)
    assert review is not None
    assert review.state is CaseState.WITHDRAWN
    assert await desk.recorded() == 2


async def test_a_case_that_changes_while_it_is_read_is_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await desk.decide(outcome=Outcome.REFERRED)
    find = desk.cases.find

    async def changed_meanwhile(case_id: UUID) -> ReferralCase | None:
        monkeypatch.setattr(desk.cases, "find", find)
        case = await find(case_id)
        return case and replace(case, version=1)

    monkeypatch.setattr(desk.cases, "find", changed_meanwhile)
    await desk.supersede(again(first))
    case = await desk.cases.find(first.decision_id)
    assert case is not None
    assert case.state is CaseState.WITHDRAWN


async def test_of_simultaneous_superseding_decisions_one_is_recorded(desk: Desk) -> None:
    for number in range(5):
        first = await desk.decide(f"LN-{number}", outcome=Outcome.REFERRED)
        tried = [again(first, amount=5_000 + 100 * turn) for turn in range(4)]
        outcomes = await asyncio.gather(*(desk.supersede(record) for record in tried), return_exceptions=True)
        won = [outcome.record for outcome in outcomes if not isinstance(outcome, BaseException)]
        lost = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert len(won) == 1, outcomes
        for refusal in lost:
            assert isinstance(refusal, AlreadySuperseded)
            assert refusal.decision_id == won[0].decision_id
    assert await desk.recorded() == 10


async def test_of_a_superseding_decision_and_an_acceptance_one_is_recorded(desk: Desk) -> None:
    for number in range(8):
        first = await desk.decide(f"LN-{number}")
        amount = Money(500_000)
        seen = await desk.seen(first)
        outcomes = await asyncio.gather(
            desk.supersede(again(first)), desk.act(seen, Acceptance(amount, amount)), return_exceptions=True
        )
        assert len([outcome for outcome in outcomes if isinstance(outcome, Exception)]) == 1, outcomes
        application = await desk.applications.find(first.decision_id)
        assert application is not None
        assert (len(application.decision_ids), len(application.actions)) in {(1, 1), (2, 0)}
    assert await desk.store.violations() == []
