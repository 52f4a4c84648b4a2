"""The contract of every store of applications."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.memory.products import MemoryProducts
from adapters.persistence.applications.action_documents import encode
from adapters.persistence.applications.applicant_histories import PostgresApplicantHistories
from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.cases import final_decision_documents
from adapters.persistence.cases.case_tables import final_decisions
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.cases.final_decisions import PostgresFinalDecisions
from adapters.persistence.database.connections import database_engine, transaction
from adapters.system import TimeOrderedIdentifiers
from application.ports.applications.applications import (
    ApplicationConflict,
    ApplicationFilter,
    Applications,
    StoredApplication,
)
from application.ports.cases.cases import CaseChange, CaseConflict, Cases
from application.ports.decisions.decision_archive import InvalidCursor
from application.ports.decisions.idempotency import (
    Claim,
    IdempotencyKey,
    KeyReused,
    OriginalResponseUnavailable,
)
from application.use_cases.applications.application_use_cases import ApplicationUseCases
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
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
from domain.applications.money import Money
from domain.applications.superseding import SupersedesReason
from domain.cases.claiming import CaseClaimed
from domain.cases.endings import CaseWithdrawn
from domain.cases.endings import WithdrawalReason as CaseWithdrawalReason
from domain.cases.final_decision import FinalDecision
from domain.cases.review import ReviewOpened, review_case
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import A_MOMENT, a_decision, a_decision_record, a_final_decision, an_identifier, an_identity
from support.databases import Store, postgres_store_at, put_in_force
from support.engines import execute
from support.memory.applications import MemoryApplications
from support.memory.cases import MemoryCases
from support.memory.checkpoints import MemoryCheckpoints
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.event_history import MemoryEventHistory
from support.memory.evidence_records import MemoryEvidenceRecords
from support.memory.figures import MemoryDecisionFigures
from support.memory.verification_reports import MemoryVerificationReports
from support.memory.versions import MemoryPolicies

URSULA = Actor("ursula", Role.UNDERWRITER)
PORTAL, MARTA = Actor("portal", Role.SERVICE), Actor("marta", Role.LOAN_OFFICER)
WITHDRAWAL = Withdrawal(WithdrawalReason.OTHER, "Łódź branch was told", ApplicationState.APPROVED)


@dataclass
class Desk:
    """The applications, and the store of the decisions and of the audit trail."""

    applications: Applications
    cases: Cases
    store: Store
    url: str | None = None
    engine: AsyncEngine | None = None

    async def decide(self, outcome: Outcome = Outcome.APPROVED, **changed: Any) -> DecisionRecord:
        """Record a decision that is no trial."""
        at = changed.pop("decided_at", A_MOMENT)
        usual = {"decision_id": an_identifier(at), "trial": False, "requested_by": MARTA, "decided_at": at}
        usual["identity"] = NO_IDENTITY
        decision = a_decision(outcome=outcome, policy_version=changed.pop("policy_version", "1"))
        record = a_decision_record(**usual | changed, decision=decision)
        await self.store.ledger.record(record)
        return record

    async def supersede(self, record: DecisionRecord, first: DecisionRecord, **changed: Any) -> DecisionRecord:
        """Record a decision that supersedes the last one of a chain, an hour later."""
        later = await self.decide(
            decided_at=record.decided_at + timedelta(hours=1),
            supersedes=record.decision_id,
            supersedes_reason=SupersedesReason.CORRECTION,
            **changed,
        )
        if self.url is not None:
            execute(
                self.url,
                f"INSERT INTO superseded_decisions VALUES ('{record.decision_id}', '{later.decision_id}', "  # noqa: S608 - a test's own text
                f"'{first.decision_id}', '{later.decided_at.isoformat()}')",
            )
        return later

    async def application(self, decision_id: UUID) -> StoredApplication:
        found = await self.applications.find(decision_id)
        assert found is not None
        return found

    async def withdrawal_of(self, seen: StoredApplication) -> CaseChange:
        """The withdrawal of the application's unfinished case."""
        assert seen.case is not None
        case = await self.cases.find(seen.case.case_id)
        assert case is not None
        details = CaseWithdrawn(CaseWithdrawalReason.APPLICATION_WITHDRAWN)
        done = case.act(details, by=MARTA, at=A_MOMENT, action_id=TimeOrderedIdentifiers().new())
        return CaseChange(case.after(done), done)

    async def finally_decide(self, record: DecisionRecord, outcome: FinalOutcome, **changed: Any) -> FinalDecision:
        """Record what a person decided, an hour after the decision, as if its case were resolved."""
        loan = {"amount": None} if outcome is FinalOutcome.DECLINED else {"amount": Money(500_000)}
        usual = {"decision_id": record.decision_id, "case_id": uuid4(), "outcome": outcome, "number": 1, **loan}
        decided_at = record.decided_at + timedelta(hours=1)
        final = a_final_decision(**usual | {"decided_at": decided_at, "final_decision_id": uuid4()} | changed)
        if self.engine is None:
            assert isinstance(self.store.ledger, MemoryDecisions)
            self.store.ledger.final_decisions.append(final)
            return final
        row = {name: getattr(final, name) for name in final_decisions.c.keys() if hasattr(final, name)}  # noqa: SIM118 - not a dict
        named = {
            "maker": final.maker.name,
            "checker": final.checker and final.checker.name,
            "document": final_decision_documents.encode(final).decode(),
        }
        texts = {name: value.value for name, value in row.items() if isinstance(value, Enum)}
        async with transaction(self.engine) as connection:
            await connection.execute(insert(final_decisions).values(row | texts | named))
        return final

    async def listed(self, owner: str | None = None, days: int = 1, **wanted: Any) -> list[UUID]:
        """The newest decisions of the applications that match, in pages of two."""
        found: list[UUID] = []
        cursor, at = None, A_MOMENT + timedelta(days=days)
        while True:
            page = await self.applications.page(
                ApplicationFilter(**wanted), at=at, limit=2, cursor=cursor, owner=owner
            )
            found += [each.newest.decision_id for each in page.applications]
            cursor = page.next_cursor
            if cursor is None:
                return found


@pytest.fixture
async def desk_in_postgres(migrated_url: str) -> AsyncIterator[Desk]:
    engine = database_engine(migrated_url)
    async with postgres_store_at(migrated_url) as store:
        yield Desk(PostgresApplications(engine), PostgresCases(engine), store, migrated_url, engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def desk(request: pytest.FixtureRequest) -> Desk:
    if request.param == "postgres":
        found: Desk = request.getfixturevalue("desk_in_postgres")
        return found
    memory = MemoryDecisions()
    checkpoints = MemoryCheckpoints(memory)
    store = Store(
        memory,
        memory,
        memory,
        checkpoints,
        MemoryDecisionFigures(memory),
        memory,
        MemoryEventHistory(memory),
        MemoryEvidenceRecords(memory, checkpoints),
        MemoryVerificationReports(memory),
    )
    return Desk(MemoryApplications(memory), MemoryCases(memory), store)


def an_action(seen: StoredApplication, details: Details = WITHDRAWAL, by: Actor = MARTA) -> ApplicationAction:
    return ApplicationAction(
        TimeOrderedIdentifiers().new(),
        seen.application_id,
        seen.newest.decision_id,
        len(seen.actions) + 1,
        A_MOMENT + timedelta(hours=2),
        by,
        details,
    )


def a_review(record: DecisionRecord) -> CaseChange:
    """A review of the decision that a person opens."""
    due_at = A_MOMENT + timedelta(hours=48)
    case = review_case(record, TimeOrderedIdentifiers().new(), at=A_MOMENT, due_at=due_at)
    details = ReviewOpened(record.decision_id, "New payslips.", due_at)
    opened = case.act(details, by=URSULA, at=A_MOMENT, action_id=TimeOrderedIdentifiers().new())
    return CaseChange(case.after(opened), opened)


def a_claim(seen: StoredApplication, text: str = "monday-1", request: str = "") -> Claim:
    return Claim.of(IdempotencyKey(text), by=MARTA, operation="withdraw", request=request or str(seen))


async def test_a_decision_is_an_application(desk: Desk) -> None:
    record = await desk.decide()
    found = await desk.application(record.decision_id)
    assert (found.application_id, found.requested_by, found.newest) == (record.decision_id, "marta", record)
    assert (found.decision_ids, found.actions, found.final) == ((record.decision_id,), (), None)
    assert list(await desk.applications.decisions(found)) == [record]


async def test_unknown_decisions_and_trials_are_no_applications(desk: Desk) -> None:
    trial = await desk.decide(trial=True)
    assert await desk.applications.find(uuid4()) is None
    assert await desk.applications.find(trial.decision_id) is None
    assert await desk.listed() == []


async def test_any_decision_of_a_chain_addresses_the_application(desk: Desk) -> None:
    first = await desk.decide(Outcome.DECLINED, requested_by=PORTAL)
    second = await desk.supersede(first, first)
    third = await desk.supersede(second, first, outcome=Outcome.REFERRED)
    chain = [first, second, third]
    for record in chain:
        found = await desk.application(record.decision_id)
        assert found.decision_ids == tuple(each.decision_id for each in chain)
        assert (found.application_id, found.requested_by) == (first.decision_id, "portal")
        assert found.newest == third
        assert list(await desk.applications.decisions(found)) == chain
    assert await desk.listed() == [third.decision_id]


async def test_applications_are_listed_by_their_newest_decision(desk: Desk) -> None:
    records = [await desk.decide(decided_at=A_MOMENT + timedelta(minutes=number)) for number in range(5)]
    corrected = await desk.supersede(records[0], records[0])
    newest_first = [corrected, *records[:0:-1]]
    assert await desk.listed() == [record.decision_id for record in newest_first]
    with pytest.raises(InvalidCursor):
        await desk.applications.page(ApplicationFilter(), at=A_MOMENT, limit=2, cursor="nonsense")


async def test_applications_are_found_by_reference(desk: Desk) -> None:
    one = await desk.decide(identity=an_identity(application_reference="LN-1", applicant_reference="C-1"))
    other = await desk.decide(identity=an_identity(application_reference="LN-2", applicant_reference="C-1"))
    assert await desk.listed(reference="LN-1") == [one.decision_id]
    assert set(await desk.listed(applicant_reference="C-1")) == {one.decision_id, other.decision_id}
    assert await desk.listed(reference="LN-2", applicant_reference="C-2") == []
    assert await desk.listed(reference="ln-1") == []


async def test_an_owner_finds_applications_whose_first_decision_is_the_owners(desk: Desk) -> None:
    own = await desk.decide(requested_by=PORTAL)
    corrected = await desk.supersede(own, own, requested_by=MARTA)
    of_marta = await desk.decide(requested_by=MARTA)
    assert await desk.listed("portal") == [corrected.decision_id]
    assert await desk.listed("marta") == [of_marta.decision_id]


async def test_states_are_searched_at_a_time(desk: Desk) -> None:
    records = {outcome: await desk.decide(outcome) for outcome in Outcome}
    for outcome, record in records.items():
        assert await desk.listed(state=ApplicationState(outcome.value)) == [record.decision_id]
    approved = records[Outcome.APPROVED].decision_id
    assert await desk.listed(state=ApplicationState.APPROVED, days=29) == [approved]
    assert await desk.listed(state=ApplicationState.APPROVED, days=30) == []
    assert await desk.listed(state=ApplicationState.EXPIRED, days=30) == [approved]
    assert await desk.listed(state=ApplicationState.COUNTER_OFFER) == []


async def test_the_policy_that_decided_says_how_long_an_approval_lasts(desk_in_postgres: Desk) -> None:
    assert desk_in_postgres.url is not None
    terms = replace(POLICY_3.review_terms, approval_days=7)
    put_in_force(desk_in_postgres.url, replace(POLICY_3, version="brief", review_terms=terms))
    usual = await desk_in_postgres.decide()
    brief = await desk_in_postgres.decide(policy_version="brief")
    assert await desk_in_postgres.listed(state=ApplicationState.EXPIRED, days=6) == []
    assert await desk_in_postgres.listed(state=ApplicationState.EXPIRED, days=7) == [brief.decision_id]
    assert await desk_in_postgres.listed(state=ApplicationState.APPROVED, days=7) == [usual.decision_id]


async def test_an_action_ends_the_application(desk: Desk) -> None:
    record = await desk.decide()
    seen = await desk.application(record.decision_id)
    action = an_action(seen, Acceptance(Money(500_000), Money(1_000_000), uuid4()))
    assert await desk.applications.append(action, seen) == action
    assert (await desk.application(record.decision_id)).actions == (action,)
    assert await desk.listed(state=ApplicationState.ACCEPTED) == [record.decision_id]
    assert await desk.listed(state=ApplicationState.APPROVED) == []
    assert await desk.listed(state=ApplicationState.EXPIRED, days=60) == []


async def test_an_action_is_on_the_audit_trail(desk: Desk) -> None:
    seen = await desk.application((await desk.decide()).decision_id)
    action = an_action(seen)
    await desk.applications.append(action, seen)
    assert await desk.store.violations() == []
    on_trail = {entry.action: (entry, document) async for entry, document in desk.store.trail.entries()}
    entry, document = on_trail["application withdrawn"]
    assert (entry.actor, entry.subject, document) == ("marta", action.action_id, encode(action))
    stated = json.loads(document or b"")
    assert (stated["kind"], stated["schema"]) == ("application action", 1)


async def test_of_two_actions_at_the_same_moment_one_is_recorded(desk: Desk) -> None:
    seen = await desk.application((await desk.decide()).decision_id)
    actions = [an_action(seen, by=replace(MARTA, name=f"officer {number}")) for number in range(8)]
    done = await asyncio.gather(
        *(desk.applications.append(action, seen) for action in actions), return_exceptions=True
    )
    recorded = [each for each in done if isinstance(each, ApplicationAction)]
    refused = [each for each in done if isinstance(each, ApplicationConflict)]
    assert (len(recorded), len(refused)) == (1, 7)
    assert (await desk.application(seen.application_id)).actions == tuple(recorded)
    assert await desk.store.violations() == []


async def test_an_acceptance_counts_on_the_loans_that_were_seen(desk: Desk) -> None:
    records = [await desk.decide(identity=ApplicationIdentity(applicant_reference="C-9")) for _ in range(4)]
    first, *others = [await desk.application(record.decision_id) for record in records]
    accepted = Acceptance(Money(3_000_000), Money(3_000_000))
    await desk.applications.append(an_action(first, accepted), first, other_loans=Money(0))
    with pytest.raises(ApplicationConflict):
        await desk.applications.append(an_action(others[0], accepted), others[0], other_loans=Money(0))
    assert (await desk.application(others[0].application_id)).actions == ()
    seen = {"other_loans": Money(3_000_000)}
    done = await asyncio.gather(
        *(desk.applications.append(an_action(each, accepted), each, **seen) for each in others),
        return_exceptions=True,
    )
    assert sum(isinstance(each, ApplicationAction) for each in done) == 1
    assert sum(isinstance(each, ApplicationConflict) for each in done) == 2
    assert await desk.store.violations() == []


async def test_a_superseded_decision_takes_no_action(desk: Desk) -> None:
    first = await desk.decide()
    seen = await desk.application(first.decision_id)
    await desk.supersede(first, first)
    with pytest.raises(ApplicationConflict):
        await desk.applications.append(an_action(seen), seen)
    assert (await desk.application(first.decision_id)).actions == ()


async def test_a_withdrawn_application_withdraws_its_case(desk: Desk) -> None:
    record = await desk.decide(Outcome.REFERRED, case_due_at=A_MOMENT + timedelta(hours=48))
    seen = await desk.application(record.decision_id)
    assert seen.case is not None
    assert (seen.case.case_id, seen.case.state, seen.case.finished) == (record.decision_id, "open", False)
    action, withdrawal = an_action(seen), await desk.withdrawal_of(seen)
    await desk.applications.append(action, seen, None, withdrawal)
    after = await desk.application(record.decision_id)
    assert after.case is not None
    assert (after.case.state, after.case.version, after.case.finished) == ("withdrawn", 1, True)
    assert list(await desk.cases.actions(record.decision_id)) == [withdrawal.action]
    on_trail = [entry.action async for entry, _ in desk.store.trail.entries()]
    assert {"case withdrawn", "application withdrawn"} <= set(on_trail)
    assert await desk.store.violations() == []


async def test_a_case_that_changed_meanwhile_leaves_all_as_it_was(desk: Desk) -> None:
    record = await desk.decide(Outcome.REFERRED, case_due_at=A_MOMENT + timedelta(hours=48))
    seen = await desk.application(record.decision_id)
    withdrawal = await desk.withdrawal_of(seen)
    case = await desk.cases.find(record.decision_id)
    assert case is not None
    claimed = case.act(CaseClaimed(), by=URSULA, at=A_MOMENT, action_id=TimeOrderedIdentifiers().new())
    await desk.cases.append(CaseChange(case.after(claimed), claimed))
    with pytest.raises(ApplicationConflict):
        await desk.applications.append(an_action(seen), seen, None, withdrawal)
    after = await desk.application(record.decision_id)
    assert after.case is not None
    assert (after.case.state, after.actions) == ("assigned", ())
    assert await desk.store.violations() == []


async def test_referred_applications_are_found_until_their_case_ends(desk: Desk) -> None:
    record = await desk.decide(Outcome.REFERRED, case_due_at=A_MOMENT + timedelta(hours=48))
    assert await desk.listed(state=ApplicationState.REFERRED) == [record.decision_id]
    seen = await desk.application(record.decision_id)
    await desk.applications.append(an_action(seen), seen, None, await desk.withdrawal_of(seen))
    assert await desk.listed(state=ApplicationState.REFERRED) == []
    assert await desk.listed(state=ApplicationState.WITHDRAWN) == [record.decision_id]


async def test_what_a_person_decided_counts(desk: Desk) -> None:
    offered, declined = await desk.decide(Outcome.REFERRED), await desk.decide()
    final = await desk.finally_decide(offered, FinalOutcome.COUNTER_OFFER)
    await desk.finally_decide(declined, FinalOutcome.DECLINED)
    assert (await desk.application(offered.decision_id)).final == final
    assert await desk.listed(state=ApplicationState.COUNTER_OFFER) == [offered.decision_id]
    assert await desk.listed(state=ApplicationState.DECLINED) == [declined.decision_id]
    assert await desk.listed(state=ApplicationState.REFERRED) == []
    assert await desk.listed(state=ApplicationState.APPROVED) == []


async def test_an_offer_of_a_person_lasts_from_that_decision_on(desk: Desk) -> None:
    record = await desk.decide(Outcome.REFERRED)
    late = record.decided_at + timedelta(days=5)
    await desk.finally_decide(record, FinalOutcome.APPROVED, decided_at=late)
    assert await desk.listed(state=ApplicationState.APPROVED, days=34) == [record.decision_id]
    assert await desk.listed(state=ApplicationState.EXPIRED, days=34) == []
    assert await desk.listed(state=ApplicationState.EXPIRED, days=35) == [record.decision_id]


async def test_the_newest_final_decision_counts(desk: Desk) -> None:
    record = await desk.decide(Outcome.DECLINED)
    await desk.finally_decide(record, FinalOutcome.APPROVED, number=1)
    newest = await desk.finally_decide(record, FinalOutcome.DECLINED, number=2)
    assert (await desk.application(record.decision_id)).final == newest
    assert await desk.listed(state=ApplicationState.DECLINED) == [record.decision_id]


async def test_an_action_is_refused_if_a_person_decided_meanwhile(desk: Desk) -> None:
    seen = await desk.application((await desk.decide()).decision_id)
    assert isinstance(seen.newest, DecisionRecord)
    await desk.finally_decide(seen.newest, FinalOutcome.DECLINED)
    accepted = Acceptance(Money(500_000), Money(1_000_000))
    with pytest.raises(ApplicationConflict):
        await desk.applications.append(an_action(seen, accepted), seen)
    assert (await desk.application(seen.application_id)).actions == ()


async def test_an_application_under_review_is_referred(desk: Desk) -> None:
    seen = await desk.application((await desk.decide()).decision_id)
    assert isinstance(seen.newest, DecisionRecord)
    review = a_review(seen.newest)
    await desk.cases.open_review(review)
    assert await desk.listed(state=ApplicationState.REFERRED) == [seen.application_id]
    assert await desk.listed(state=ApplicationState.APPROVED) == []
    with pytest.raises(ApplicationConflict):
        await desk.applications.append(an_action(seen, Acceptance(Money(500_000), Money(1_000_000))), seen)
    present = await desk.application(seen.application_id)
    assert present.case is not None
    assert (present.case.case_id, present.case.finished) == (review.case.case_id, False)


async def test_of_a_withdrawal_and_work_on_the_case_one_is_recorded(desk: Desk) -> None:
    for _ in range(10):
        record = await desk.decide(Outcome.REFERRED, case_due_at=A_MOMENT + timedelta(hours=48))
        seen = await desk.application(record.decision_id)
        withdrawal, case = await desk.withdrawal_of(seen), await desk.cases.find(record.decision_id)
        assert case is not None
        claimed = case.act(CaseClaimed(), by=URSULA, at=A_MOMENT, action_id=TimeOrderedIdentifiers().new())
        done = await asyncio.gather(
            desk.applications.append(an_action(seen), seen, None, withdrawal),
            desk.cases.append(CaseChange(case.after(claimed), claimed)),
            return_exceptions=True,
        )
        conflicts = [isinstance(each, ApplicationConflict | CaseConflict) for each in done]
        assert sorted(conflicts) == [False, True], done
        after = await desk.application(record.decision_id)
        assert after.case is not None
        assert after.case.state == ("assigned" if conflicts[0] else "withdrawn")
        assert bool(after.actions) is after.case.finished
    assert await desk.store.violations() == []


async def test_a_repeated_action_is_recorded_once(desk: Desk) -> None:
    seen = await desk.application((await desk.decide()).decision_id)
    claim, actions = a_claim(seen), [an_action(seen) for _ in range(4)]
    assert await desk.applications.under(claim) is None
    done = await asyncio.gather(*(desk.applications.append(action, seen, claim) for action in actions))
    assert len({action.action_id for action in done}) == 1
    assert await desk.applications.under(claim) == done[0]
    with pytest.raises(KeyReused):
        await desk.applications.under(a_claim(seen, request="another"))
    with pytest.raises(KeyReused):
        await desk.applications.append(an_action(seen), seen, a_claim(seen, request="another"))


async def test_a_refused_action_claims_no_key(desk: Desk) -> None:
    first = await desk.decide()
    seen = await desk.application(first.decision_id)
    await desk.supersede(first, first)
    with pytest.raises(ApplicationConflict):
        await desk.applications.append(an_action(seen), seen, a_claim(seen))
    assert await desk.applications.under(a_claim(seen)) is None


async def test_a_key_of_a_decision_is_not_one_of_an_action(desk: Desk) -> None:
    seen = await desk.application((await desk.decide()).decision_id)
    other = a_decision_record(decision_id=an_identifier(A_MOMENT), identity=NO_IDENTITY)
    await desk.store.ledger.record_once(other, a_claim(seen))
    with pytest.raises(OriginalResponseUnavailable):
        await desk.applications.under(a_claim(seen))


async def test_of_two_processes_one_wins_and_the_other_is_told_who_did(desk_in_postgres: Desk) -> None:
    assert desk_in_postgres.url is not None
    engines = [database_engine(desk_in_postgres.url) for _ in range(2)]
    policies = FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), MemoryPolicies())
    one, other = [
        ApplicationUseCases.over(
            applications=PostgresApplications(engine),
            histories=PostgresApplicantHistories(engine),
            cases=PostgresCases(engine),
            final_decisions=PostgresFinalDecisions(engine),
            deciding_policy=policies,
            clock=FixedClock(A_MOMENT + timedelta(days=1)),
            identifiers=TimeOrderedIdentifiers(),
        )
        for engine in engines
    ]
    for _ in range(20):
        decision_id = (await desk_in_postgres.decide()).decision_id
        accepted, withdrawn = await asyncio.gather(
            one.accept(decision_id, by=MARTA),
            other.withdraw(decision_id, WithdrawalReason.DUPLICATE, by=URSULA),
            return_exceptions=True,
        )
        present = await one.find(decision_id, by=MARTA)
        assert len(present.life.actions) == 1
        if present.state is ApplicationState.ACCEPTED:
            assert isinstance(withdrawn, AlreadyAccepted)
            assert "by marta (loan officer) at " in str(withdrawn)
        else:
            assert isinstance(accepted, AlreadyWithdrawn)
            assert "by ursula (underwriter) at " in str(accepted)
    assert await desk_in_postgres.store.violations() == []
    for engine in engines:
        await engine.dispose()


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("{", "not valid JSON"),
        ('{"kind": "decision", "schema": 1}', "not a document of kind application action"),
        ('{"kind": "application action", "schema": 9}', "reads application action documents up to schema 1"),
        ('{"kind": "application action", "schema": 1, "action": "application sold"}', "its content is invalid"),
    ],
)
async def test_an_action_that_cannot_be_read_is_reported(desk_in_postgres: Desk, document: str, why: str) -> None:
    assert desk_in_postgres.url is not None
    seen = await desk_in_postgres.application((await desk_in_postgres.decide()).decision_id)
    await desk_in_postgres.applications.append(an_action(seen), seen, a_claim(seen))
    other = await desk_in_postgres.decide()
    change = f"SET session_replication_role = replica; UPDATE application_actions SET document = '{document}'"  # noqa: S608 - a test's own text
    execute(desk_in_postgres.url, change)
    found = await desk_in_postgres.application(seen.application_id)
    assert isinstance(found.newest, UnreadableDecision)
    assert why in found.newest.problem
    with pytest.raises(OriginalResponseUnavailable):
        await desk_in_postgres.applications.under(a_claim(seen))
    assert set(await desk_in_postgres.listed()) == {seen.application_id, other.decision_id}


async def test_the_document_of_another_action_is_not_read(desk_in_postgres: Desk) -> None:
    assert desk_in_postgres.url is not None
    seen = await desk_in_postgres.application((await desk_in_postgres.decide()).decision_id)
    await desk_in_postgres.applications.append(an_action(seen), seen)
    foreign = encode(an_action(seen)).decode().replace("'", "''")
    change = f"SET session_replication_role = replica; UPDATE application_actions SET document = '{foreign}'"  # noqa: S608 - as above
    execute(desk_in_postgres.url, change)
    found = await desk_in_postgres.application(seen.application_id)
    assert isinstance(found.newest, UnreadableDecision)
    assert "it is the document of action" in found.newest.problem


async def test_a_final_decision_that_cannot_be_read_is_reported(desk_in_postgres: Desk) -> None:
    assert desk_in_postgres.url is not None
    record = await desk_in_postgres.decide(Outcome.REFERRED)
    await desk_in_postgres.finally_decide(record, FinalOutcome.APPROVED)
    execute(
        desk_in_postgres.url, "SET session_replication_role = replica; UPDATE final_decisions SET document = '{'"
    )
    found = await desk_in_postgres.application(record.decision_id)
    assert isinstance(found.newest, UnreadableDecision)
    assert await desk_in_postgres.listed(state=ApplicationState.APPROVED) == [record.decision_id]
