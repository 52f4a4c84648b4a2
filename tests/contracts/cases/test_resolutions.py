"""The contract of every store of cases for resolutions, final decisions and reviews."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from adapters.persistence.applications.application_tables import applications
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.cases.final_decisions import PostgresFinalDecisions
from adapters.persistence.database.connections import database_engine, transaction
from adapters.system import TimeOrderedIdentifiers
from application.ports.cases.cases import CaseChange, CaseConflict, CaseFilter, Cases
from application.ports.cases.final_decisions import FinalDecisions
from domain.access.user import Actor
from domain.applications.money import Money
from domain.cases.after_resolution import ConditionChanged, QualityReviewed
from domain.cases.applied_authority import AppliedAuthority, SecondPersonRule
from domain.cases.case_action import CaseDetails
from domain.cases.case_state import CaseState
from domain.cases.claiming import CaseClaimed
from domain.cases.counter_offer import OfferedLoan
from domain.cases.override import OverrideType
from domain.cases.own_view import OwnViewEntered
from domain.cases.proposal import Proposal
from domain.cases.quality import QualityState
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import ConditionState, Resolution, conditions_of
from domain.cases.resolving import CaseResolved, ResolutionProposed, SecondApprovalGiven, SecondApprovalRefused
from domain.cases.review import ReviewOpened, first_state, review_case
from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.cases import LATER, SARA, UDO, UMA, a_referred_record
from support.databases import Store
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions

new_id = TimeOrderedIdentifiers().new
ALONE = AppliedAuthority(UMA.role, "underwriter, any grade: up to $20,000", Money.of(20_000))
LOW_SIDE = replace(ALONE, second_person=(SecondPersonRule.LOW_SIDE_OVERRIDE,))


def proposal(authority: AppliedAuthority = ALONE, **values: object) -> Proposal:
    usual = Proposal(
        resolution=Resolution(
            FinalOutcome.APPROVED,
            "INCOME_VERIFIED",
            "Łódź: two payslips.",
            conditions=conditions_of(["Pay the card"]),
        ),
        reason_text="Income and employment verified by documents",
        override=OverrideType.POLICY_EXCEPTION,
        authority=authority,
        recommended=FinalOutcome.COUNTER_OFFER,
        system_outcome=Outcome.REFERRED,
        case_version=1,
        dwell_seconds=12.5,
        loan=OfferedLoan(Money.of(12_000.25), 36, "D", 0.122, Money.of(399.8)),
        own_view=FinalOutcome.DECLINED,
    )
    return replace(usual, **values)


@dataclass(frozen=True)
class Desk:
    """The cases of a store of decisions, and what people decided."""

    cases: Cases
    final_decisions: FinalDecisions
    store: Store
    database_url: str | None = None

    async def record(self) -> DecisionRecord:
        record = a_referred_record(decision_id=new_id())
        await self.store.ledger.record(record)
        return record

    async def do(self, case: ReferralCase, details: CaseDetails, by: Actor = UMA) -> ReferralCase:
        change = changed(case, details, by)
        await self.cases.append(change)
        return change.case

    async def resolve(self, case: ReferralCase, made: Proposal | None = None, by: Actor = UMA) -> CaseChange:
        change = resolving(case, made or proposal(), by)
        await self.cases.append(change)
        return change


def changed(case: ReferralCase, details: CaseDetails, by: Actor = UMA) -> CaseChange:
    action = case.act(details, by=by, at=LATER, action_id=new_id())
    after = case.after(action)
    return CaseChange(after.leased(LATER + timedelta(minutes=15) if after.assignee else None), action)


def resolving(case: ReferralCase, made: Proposal, by: Actor = UMA, *, quality: bool = False) -> CaseChange:
    details = CaseResolved(made, new_id(), quality)
    decided = made.final_decision(details.final_decision_id, case, maker=by, at=LATER)
    return replace(changed(case, details, by), final_decision=decided)


@pytest.fixture
async def desk(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[Desk]:
    if isinstance(store.ledger, MemoryDecisions):
        cases = MemoryCases(store.ledger)
        yield Desk(cases, cases, store)
        return
    url = request.getfixturevalue("migrated_url")
    engine = database_engine(url)
    yield Desk(PostgresCases(engine), PostgresFinalDecisions(engine), store, url)
    await engine.dispose()


async def test_a_resolution_records_the_action_the_case_and_the_final_decision_with_two_entries(
    desk: Desk,
) -> None:
    case = await desk.do(ReferralCase.opened(await desk.record()), CaseClaimed())
    change = await desk.resolve(case)
    assert change.final_decision is not None
    assert await desk.cases.find(case.case_id) == change.case
    assert await desk.final_decisions.last(case.decision_id) == change.final_decision
    assert await desk.final_decisions.of_case(case.case_id) == change.final_decision
    entries = [entry async for entry, _ in desk.store.trail.entries()]
    assert [(each.action, each.subject) for each in entries if each.actor == "uma"][1:] == [
        ("case resolved", change.action.action_id),
        ("final decision recorded", change.final_decision.final_decision_id),
    ]
    assert (await desk.store.verify()).violations == ()


async def test_every_kind_of_resolution_is_read_back_and_follows_from_the_actions(desk: Desk) -> None:
    record = await desk.record()
    case = await desk.do(ReferralCase.opened(record), CaseClaimed())
    case = await desk.do(
        case, OwnViewEntered(FinalOutcome.DECLINED, "Too much debt.", FinalOutcome.COUNTER_OFFER, agrees=False)
    )
    case = await desk.do(case, ResolutionProposed(proposal(LOW_SIDE)))
    case = await desk.do(await desk.do(case, CaseClaimed(), SARA), SecondApprovalRefused("No proof."), SARA)
    case = await desk.do(await desk.do(case, CaseClaimed(), UDO), ResolutionProposed(proposal(LOW_SIDE)), UDO)
    case = await desk.do(case, CaseClaimed(), SARA)
    case = await desk.do(case, SecondApprovalGiven(new_id(), quality_review=True, text="Yes."), SARA)
    case = await desk.do(case, ConditionChanged(1, ConditionState.WAIVED, "Paid already."), UDO)
    case = await desk.do(case, QualityReviewed(FinalOutcome.DECLINED, "Too much debt.", agrees=False), UMA)
    assert (case.state, case.quality) == (CaseState.RESOLVED, QualityState.DISAGREED)
    assert await desk.cases.find(case.case_id) == case
    actions = await desk.cases.actions(case.case_id)
    assert first_state(record, tuple(actions)).after_all(actions) == case
    found = await desk.cases.page(
        CaseFilter(frozenset({CaseState.RESOLVED}), quality=QualityState.DISAGREED), at=LATER, limit=5
    )
    assert found.cases == (case,)
    waiting = CaseFilter(frozenset({CaseState.RESOLVED}), quality=QualityState.WAITING)
    assert (await desk.cases.page(waiting, at=LATER, limit=5)).total == 0


async def test_of_two_resolutions_of_one_version_one_is_recorded(desk: Desk) -> None:
    case = await desk.do(ReferralCase.opened(await desk.record()), CaseClaimed())
    changes = [resolving(case, proposal()), resolving(case, proposal())]
    results = await asyncio.gather(*map(desk.cases.append, changes), return_exceptions=True)
    assert sorted(type(each) for each in results if each) == [CaseConflict]
    won = changes[results.index(None)]
    assert await desk.final_decisions.of_case(case.case_id) == won.final_decision
    assert len(await desk.cases.actions(case.case_id)) == 2


def reviewing(record: DecisionRecord, case_id: UUID | None = None) -> CaseChange:
    due_at = LATER + timedelta(hours=48)
    case = review_case(record, case_id or new_id(), at=LATER, due_at=due_at)
    return changed(case, ReviewOpened(record.decision_id, "New payslips.", due_at))


async def test_a_review_is_a_new_case_on_the_decision_of_which_one_at_a_time_is_unfinished(desk: Desk) -> None:
    record = await desk.record()
    await desk.resolve(await desk.do(ReferralCase.opened(record), CaseClaimed()))
    opened = reviewing(record)
    await desk.cases.open_review(opened)
    with pytest.raises(CaseConflict):
        await desk.cases.open_review(reviewing(record))
    assert await desk.cases.find(opened.case.case_id) == opened.case
    review = await desk.do(opened.case, CaseClaimed())
    second = await desk.resolve(review, proposal(number=2))
    assert await desk.final_decisions.last(record.decision_id) == second.final_decision
    actions = tuple(await desk.cases.actions(review.case_id))
    assert first_state(record, actions).after_all(actions) == second.case
    await desk.cases.open_review(reviewing(record))
    assert len(await desk.cases.of_decision(record.decision_id)) == 3
    assert (await desk.store.verify()).violations == ()


@pytest.mark.parametrize("state", ["accepted", "withdrawn"])
async def test_an_application_that_is_not_open_is_neither_decided_nor_reviewed(desk: Desk, state: str) -> None:
    if desk.database_url is None:
        pytest.skip("the cases in memory know no applications")
    record = await desk.record()
    case = await desk.do(ReferralCase.opened(record), CaseClaimed())
    engine = database_engine(desk.database_url)
    async with transaction(engine) as connection:
        row = {"application_id": record.decision_id, "decision_id": record.decision_id, "state": state}
        await connection.execute(insert(applications).values(row | {"version": 1, "changed_at": LATER}))
    await engine.dispose()
    with pytest.raises(CaseConflict):
        await desk.resolve(case)
    assert await desk.final_decisions.last(record.decision_id) is None
    with pytest.raises(CaseConflict):
        await desk.cases.open_review(reviewing(record))
    assert await desk.cases.find(case.case_id) == case
