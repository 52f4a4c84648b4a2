"""Applications on which notices are due, over stores in memory or PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.applications.superseding_decisions import PostgresSupersedingDecisions
from adapters.persistence.audit.present_states import PostgresPresentStates
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.database.connections import database_engine
from adapters.persistence.notices.notice_follower import NoticeFollower
from adapters.persistence.notices.notices import PostgresNotices
from adapters.system import TimeOrderedIdentifiers
from application.ports.applications.applications import Applications
from application.ports.audit.trail_following import TrailConsumer
from application.ports.cases.cases import CaseChange, Cases
from application.ports.notices.notices import LetterFormat, NoticeChange, NoticeFilter, Notices
from application.use_cases.applications.supersede_decision import RecordSuperseding
from application.use_cases.audit.verify_states import VerifyStates
from domain.access.user import Actor, Role
from domain.applications.application_action import Acceptance, ApplicationAction, Withdrawal, WithdrawalReason
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.applications.superseding import SupersedesReason
from domain.cases.applied_authority import AppliedAuthority
from domain.cases.case_action import CaseDetails
from domain.cases.counter_offer import OfferedLoan
from domain.cases.override import OverrideType
from domain.cases.proposal import Proposal
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import Resolution
from domain.cases.resolving import CaseResolved
from domain.cases.review import ReviewOpened, review_case
from domain.decisions.decision_record import DecisionRecord
from domain.notices.deadlines import NoticeClock, NoticeTerms
from domain.notices.issuing import DeliveryMethod, NoticeDelivered, NoticeIssued
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeDetails
from domain.notices.notice_state import NoticeState
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.builders import A_MOMENT, a_decision, a_decision_record, an_identifier
from support.cases import UMA
from support.databases import Store, postgres_store_at
from support.memory.applications import MemoryApplications
from support.memory.cases import MemoryCases
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.notices import MemoryNotices
from support.memory.superseding import MemorySupersedingDecisions
from support.states import check_states

DAY = timedelta(days=1)
_SERVICE = Actor("system:service", Role.AUDITOR)
MARTA = Actor("marta", Role.LOAN_OFFICER)
NOTICE_CLOCK = NoticeClock(NoticeTerms(), ZoneInfo("America/New_York"))
LETTERS = ((LetterFormat.HTML, b"<p>Dear applicant</p>"), (LetterFormat.PDF, b"%PDF-1.7"))
_LOAN = OfferedLoan(Money.of(5_000), 36, "C", 0.12, Money.of(166.07))
_ALONE = AppliedAuthority(UMA.role, "underwriter, any grade: up to $20,000", Money.of(20_000))


@dataclass
class NoticeDesk:
    """What happens to applications, one thing after the other, and the notices that follow from it."""

    store: Store
    cases: Cases
    applications: Applications
    supersede_decision: RecordSuperseding
    notices: Notices
    follower: TrailConsumer
    now: datetime = A_MOMENT
    url: str = ""
    last_id: UUID = field(default_factory=lambda: UUID(int=0))

    def over(self, engine: AsyncEngine) -> Self:
        """The same desk, whose notices are followed and stored by another login."""
        clock, identifiers = FixedClock(A_MOMENT), TimeOrderedIdentifiers()
        follower = NoticeFollower(engine, NOTICE_CLOCK, clock, identifiers, _SERVICE)
        return replace(self, notices=PostgresNotices(engine, NOTICE_CLOCK), follower=follower)

    def wait(self, time: timedelta) -> None:
        self.now += time

    def new_id(self) -> UUID:
        """An identifier in the order of what happens here."""
        self.last_id = max(an_identifier(self.now), UUID(int=self.last_id.int + 1))
        return self.last_id

    async def decide(self, outcome: Outcome, **changed: Any) -> DecisionRecord:
        record = self._decided(outcome, **changed)
        await self.store.ledger.record(record)
        return record

    def _decided(self, outcome: Outcome, **changed: Any) -> DecisionRecord:
        usual: dict[str, Any] = {
            "decision_id": self.new_id(),
            "decided_at": self.now,
            "trial": False,
            "identity": ApplicationIdentity(str(an_identifier(self.now)), "P-1"),
            "case_due_at": self.now + 2 * DAY if outcome is Outcome.REFERRED else None,
            "decision": a_decision(outcome=outcome),
        }
        return a_decision_record(**usual | changed)

    async def supersede(
        self, record: DecisionRecord, outcome: Outcome, *, requested_by: Actor | None = None
    ) -> DecisionRecord:
        """The decision on the corrected application."""
        later = self._decided(
            outcome,
            identity=record.identity,
            requested_by=requested_by or record.requested_by,
            supersedes=record.decision_id,
            supersedes_reason=SupersedesReason.CORRECTION,
        )
        await self.supersede_decision(later)
        return later

    async def case(self, record: DecisionRecord) -> ReferralCase:
        """The newest case of a decision."""
        return (await self.cases.of_decision(record.decision_id))[-1]

    async def work(self, case: ReferralCase, *all_details: CaseDetails) -> tuple[ReferralCase, UUID]:
        """The case after these actions, and the identifier of the last one."""
        action_id = case.case_id
        for details in all_details:
            action = case.act(details, by=UMA, at=self.now, action_id=self.new_id())
            case, action_id = case.after(action).leased(self.now + DAY), action.action_id
            await self.cases.append(CaseChange(case, action))
        return case, action_id

    async def resolve(self, case: ReferralCase, outcome: FinalOutcome) -> UUID:
        """The identifier of the final decision on a case."""
        lends = outcome.lends
        proposal = Proposal(
            resolution=Resolution(outcome, "COMPENSATING_FACTORS" if lends else "RISK_TOO_HIGH", "Payslips seen."),
            reason_text="The risk is too high",
            override=OverrideType.POLICY_EXCEPTION,
            authority=_ALONE,
            recommended=FinalOutcome.DECLINED,
            system_outcome=Outcome.REFERRED,
            case_version=case.version,
            dwell_seconds=12.5,
            loan=_LOAN if lends else None,
            number=len(await self._decided_on(case.decision_id)) + 1,
        )
        details = CaseResolved(proposal, self.new_id(), quality_review=False)
        final = proposal.final_decision(details.final_decision_id, case, maker=UMA, at=self.now)
        action = case.act(details, by=UMA, at=self.now, action_id=self.new_id())
        await self.cases.append(CaseChange(case.after(action), action, final_decision=final))
        return final.final_decision_id

    async def _decided_on(self, decision_id: UUID) -> list[UUID]:
        done = [
            action
            for case in await self.cases.of_decision(decision_id)
            for action in await self.cases.actions(case.case_id)
        ]
        return [each.action_id for each in done if isinstance(each.details, CaseResolved)]

    async def review(self, record: DecisionRecord) -> ReferralCase:
        """A new case on a decision."""
        before = review_case(record, self.new_id(), at=self.now, due_at=self.now + 2 * DAY)
        details = ReviewOpened(record.decision_id, "The applicant asks for it.", self.now + 2 * DAY)
        action = before.act(details, by=UMA, at=self.now, action_id=self.new_id())
        case = before.after(action)
        await self.cases.open_review(CaseChange(case, action))
        return case

    async def withdraw(
        self, record: DecisionRecord, reason: WithdrawalReason = WithdrawalReason.NO_LONGER_NEEDED
    ) -> UUID:
        return await self._end(record, Withdrawal(reason, "", ApplicationState.COUNTER_OFFER))

    async def accept(self, record: DecisionRecord) -> UUID:
        return await self._end(record, Acceptance(Money.of(5_000), Money.of(5_000)))

    async def _end(self, record: DecisionRecord, details: Acceptance | Withdrawal) -> UUID:
        seen = await self.applications.find(record.decision_id)
        assert seen is not None
        action = ApplicationAction(
            self.new_id(), seen.application_id, record.decision_id, 1, self.now, MARTA, details
        )
        await self.applications.append(action, seen)
        return action.action_id

    async def follow(self) -> None:
        while await self.follower.follow(1000):
            pass

    async def all(self, *states: NoticeState) -> list[Notice]:
        """The notices in these states, or all, by their due time."""
        await self.follow()
        wanted = NoticeFilter(states=frozenset(states or NoticeState))
        return list((await self.notices.page(wanted, limit=100)).notices)

    async def due(self) -> list[Notice]:
        return await self.all(NoticeState.DUE)

    async def notice(self, notice_id: UUID) -> Notice:
        await self.follow()
        found = await self.notices.find(notice_id)
        assert found is not None
        return found

    async def state_faults(self, since: datetime | None = None) -> str:
        """What the verification of states finds in the database."""
        engine = database_engine(self.url)
        found = [
            f"{each.version}: {each.why}"
            async for each in VerifyStates(PostgresPresentStates(engine))(since=since)
        ]
        await engine.dispose()
        return "; ".join(found)

    async def act(self, notice: Notice, details: NoticeDetails, **change: Any) -> Notice:
        action = notice.act(details, by=UMA, at=self.now, action_id=self.new_id())
        await self.notices.append(NoticeChange(notice.after(action), action, **change))
        return notice.after(action)

    async def issue(self, notice: Notice) -> Notice:
        return await self.act(notice, issued(notice), letters=LETTERS)

    async def deliver(self, notice: Notice) -> Notice:
        return await self.act(notice, NoticeDelivered(DeliveryMethod.MAIL, NOTICE_CLOCK.day(self.now)))


def issued(notice: Notice) -> NoticeIssued:
    """The action that issues LETTERS."""
    return NoticeIssued(
        notice_kind=notice.kind,
        decision_id=notice.decision_id,
        final_decision_id=None,
        received_at=notice.received_at,
        due_at=notice.due_at,
        reasons=("DEBT_TO_INCOME",),
        html_sha256=sha256(LETTERS[0][1]).hexdigest(),
        pdf_sha256=sha256(LETTERS[1][1]).hexdigest(),
    )


@pytest.fixture
async def notice_desk_in_postgres(migrated_url: str) -> AsyncIterator[NoticeDesk]:
    """The desk over PostgreSQL; afterwards the trail and the states must be whole."""
    engine = database_engine(migrated_url, max_connections=8)
    clock = FixedClock(A_MOMENT)
    async with postgres_store_at(migrated_url) as store:
        applications, cases = PostgresApplications(engine), PostgresCases(engine)
        decisions, identifiers = PostgresSupersedingDecisions(engine), TimeOrderedIdentifiers()
        yield NoticeDesk(
            store,
            cases,
            applications,
            RecordSuperseding(applications, decisions, cases, identifiers),
            PostgresNotices(engine, NOTICE_CLOCK),
            NoticeFollower(engine, NOTICE_CLOCK, clock, identifiers, _SERVICE),
            url=migrated_url,
        )
        assert await store.violations() == []
    await check_states(engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def notice_desk(request: pytest.FixtureRequest) -> NoticeDesk:
    """The desk over every store in turn."""
    if request.param == "postgres":
        found: NoticeDesk = request.getfixturevalue("notice_desk_in_postgres")
        return found
    memory = MemoryDecisions()
    applications, cases = MemoryApplications(memory), MemoryCases(memory)
    decisions = MemorySupersedingDecisions(memory, applications, cases)
    notices = MemoryNotices(memory, NOTICE_CLOCK, FixedClock(A_MOMENT))
    supersede = RecordSuperseding(applications, decisions, cases, TimeOrderedIdentifiers())
    return NoticeDesk(Store.in_memory(memory), cases, applications, supersede, notices, notices)
