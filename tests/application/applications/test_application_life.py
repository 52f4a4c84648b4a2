"""The life of an application with its case: what people decide, what the applicant does, and the time."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.system import TimeOrderedIdentifiers
from application.ports.applications.applications import ApplicationConflict, ApplicationFilter
from application.ports.cases.cases import CaseChange, CaseConflict, CaseUnreadable
from application.use_cases.applications.change_application import ApplicationChanged
from application.use_cases.applications.read_applications import ApplicationNotFound, PresentApplication
from application.use_cases.decisions.read_decisions import DecisionUnreadable, PageTooLarge
from domain.access.user import Actor, PermissionDenied, Role
from domain.applications.application_action import Acceptance, WithdrawalReason
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.application_life import (
    AlreadyWithdrawn,
    AmountNotOffered,
    ApplicationRuleViolation,
    ExposureLimitExceeded,
    NoOffer,
    OfferExpired,
)
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.cases.case_errors import CaseChanged, CaseError
from domain.cases.counter_offer import CounterOfferNotApproved
from domain.cases.endings import CaseExpired
from domain.cases.information import CaseNoteAdded
from domain.cases.override import OverrideType
from domain.cases.resolution import InvalidResolution
from domain.cases.resolution_errors import ResolutionOutdated
from domain.decisions.circumstances import Circumstances
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.cases import UMA, act
from support.desk import STRONG, WEAK, Desk

S = ApplicationState
MARTA, ARTHUR = Actor("marta", Role.LOAN_OFFICER), Actor("arthur", Role.AUDITOR)
SELMA = Actor("selma", Role.SENIOR_UNDERWRITER)
DUPLICATE = WithdrawalReason.DUPLICATE


async def state_of(desk: Desk, record: DecisionRecord) -> PresentApplication:
    return await desk.application_use_cases.find(record.decision_id, by=MARTA)


async def test_a_counter_offer_is_accepted_until_it_expires() -> None:
    desk = Desk(approval_days=7)
    case = await desk.claimed(amount=9_000)
    desk.wait(timedelta(minutes=10))
    offer = {"amount": Money(500_000), "term": 36}
    await desk.resolve(case, FinalOutcome.COUNTER_OFFER, reason="AFFORDABLE_AT_OTHER_TERMS", **offer)
    applications = desk.application_use_cases
    present = await applications.find(case.decision_id, by=MARTA)
    assert present.state is S.COUNTER_OFFER
    assert present.life.offer is not None
    assert (present.life.offer.amount, present.life.offer.term) == (Money(500_000), 36)
    assert present.life.expires_at == desk.clock.moment + timedelta(days=7)
    with pytest.raises(AmountNotOffered):
        await applications.accept(case.decision_id, Money(500_001), by=MARTA)
    with pytest.raises(AmountNotOffered, match=r"from \$1,000.00"):
        await applications.accept(case.decision_id, Money(99_999), by=MARTA)
    desk.wait(timedelta(days=7))
    with pytest.raises(OfferExpired):
        await applications.accept(case.decision_id, by=MARTA)
    desk.wait(timedelta(microseconds=-1))
    done = await applications.accept(case.decision_id, by=MARTA)
    assert isinstance(done.action.details, Acceptance)
    final = await desk.cases.last(case.decision_id)
    assert final is not None
    assert done.action.details.final_decision_id == final.final_decision_id


async def test_two_approvals_are_not_both_accepted_beyond_the_limit() -> None:
    desk, identity = Desk(), ApplicationIdentity(applicant_reference="C-7")
    accept = desk.application_use_cases.accept
    first, second = [
        await desk.refer(amount=30_000, outcome=Outcome.APPROVED, identity=identity) for _ in range(2)
    ]
    await accept(first.decision_id, by=MARTA)
    with pytest.raises(ExposureLimitExceeded, match=r"at most \$20,000.00"):
        await accept(second.decision_id, by=MARTA)
    await accept(second.decision_id, Money(2_000_000), by=MARTA)
    unknown = await desk.refer(amount=30_000, outcome=Outcome.APPROVED, identity=NO_IDENTITY)
    await accept(unknown.decision_id, by=MARTA)


async def test_a_person_who_lends_above_the_limit_knew_the_other_loans() -> None:
    desk, identity = Desk(), ApplicationIdentity(applicant_reference="C-7")
    accept = desk.application_use_cases.accept
    first = await desk.refer(amount=30_000, outcome=Outcome.APPROVED, identity=identity)
    await accept(first.decision_id, by=MARTA)
    known = Circumstances(accepted_exposure=Money(3_000_000))
    cases = [await desk.claimed(SELMA, amount=25_000, identity=identity, circumstances=known) for _ in range(2)]
    for case in cases:
        await desk.resolve(case, FinalOutcome.APPROVED, SELMA)
    await accept(cases[0].decision_id, by=MARTA)
    with pytest.raises(ExposureLimitExceeded, match=r"loans of \$55,000.00 and may borrow \$55,000.00 in all: no"):
        await accept(cases[1].decision_id, by=MARTA)


async def test_nothing_is_accepted_while_a_decision_is_reviewed() -> None:
    desk = Desk()
    record = await desk.refer(outcome=Outcome.APPROVED)
    applications = desk.application_use_cases
    await desk.use_cases.open_review(record.decision_id, "Suspected fraud.", by=UMA)
    assert (await state_of(desk, record)).state is S.REFERRED
    with pytest.raises(NoOffer):
        await applications.accept(record.decision_id, by=MARTA)
    await applications.withdraw(record.decision_id, DUPLICATE, by=MARTA)
    chain = await applications.read(record.decision_id, by=MARTA)
    (history,) = chain.cases
    assert (history.case.state.value, history.final) == ("withdrawn", None)
    assert [action.kind.value for action in history.actions] == ["case review opened", "case withdrawn"]


async def test_a_withdrawn_application_is_not_resolved() -> None:
    desk = Desk()
    case = await desk.claimed()
    await desk.application_use_cases.withdraw(case.decision_id, DUPLICATE, by=MARTA)
    with pytest.raises((ResolutionOutdated, CaseChanged, CaseError)):
        await desk.resolve(case, FinalOutcome.APPROVED)
    with pytest.raises(ResolutionOutdated, match="withdrawn by marta"):
        await desk.use_cases.open_review(case.decision_id, "A second look.", by=UMA)
    with pytest.raises(AlreadyWithdrawn, match=r"by marta \(loan officer\)"):
        await desk.application_use_cases.accept(case.decision_id, by=MARTA)


async def test_an_application_expires_with_its_case() -> None:
    desk = Desk(answer_days=3)
    case = await desk.claimed()
    await desk.use_cases.request_information(case.case_id, "Payslips", by=UMA, seen=case.version)
    desk.wait(timedelta(days=4))
    (unanswered,) = await desk.cases.unanswered(desk.clock.moment, limit=10)
    expired = act(unanswered, CaseExpired(), at=desk.clock.moment)
    await desk.cases.append(CaseChange(unanswered.after(expired), expired))
    present = await desk.application_use_cases.find(case.decision_id, by=MARTA)
    assert present.state is S.EXPIRED
    with pytest.raises(OfferExpired, match="did not provide"):
        await desk.application_use_cases.accept(case.decision_id, by=MARTA)


async def test_a_version_that_was_changed_is_refused() -> None:
    desk = Desk()
    record = await desk.refer(outcome=Outcome.APPROVED)
    applications = desk.application_use_cases
    seen = (await state_of(desk, record)).version
    await applications.accept(record.decision_id, by=MARTA, version=seen)
    with pytest.raises(ApplicationChanged, match="marta changed it at"):
        await applications.withdraw(record.decision_id, DUPLICATE, by=MARTA, version=seen)
    assert (await state_of(desk, record)).version != seen


async def test_a_change_at_the_same_moment_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    case = await desk.claimed()
    applications, append = desk.application_use_cases, desk.applications.append
    failures = 2

    async def conflicting(*given: object) -> object:
        nonlocal failures
        if failures:
            failures -= 1
            raise ApplicationConflict("at the same time")
        return await append(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.applications, "append", conflicting)
    await applications.withdraw(case.decision_id, DUPLICATE, by=MARTA)
    failures = 3
    with pytest.raises(ApplicationConflict):
        await applications.accept((await desk.refer(outcome=Outcome.APPROVED)).decision_id, by=MARTA)


async def test_roles_that_read_only_change_nothing() -> None:
    desk = Desk()
    record = await desk.refer(outcome=Outcome.APPROVED)
    applications = desk.application_use_cases
    with pytest.raises(PermissionDenied):
        await applications.accept(record.decision_id, by=ARTHUR)
    with pytest.raises(PermissionDenied):
        await applications.withdraw(record.decision_id, DUPLICATE, by=ARTHUR)
    with pytest.raises(PermissionDenied):
        await applications.list(ApplicationFilter(), by=Actor("ada", Role.ADMIN))
    other = Actor("other portal", Role.SERVICE)
    with pytest.raises(ApplicationNotFound):
        await applications.accept(record.decision_id, by=other)
    assert (await applications.list(ApplicationFilter(), by=other)).applications == ()
    with pytest.raises(PageTooLarge):
        await applications.list(ApplicationFilter(), by=MARTA, limit=201)


async def test_what_cannot_be_read_is_said() -> None:
    desk = Desk()
    record = await desk.refer(outcome=Outcome.APPROVED)
    desk.decisions.damage(record.decision_id, "it is not valid JSON")
    applications = desk.application_use_cases
    (listed,) = (await applications.list(ApplicationFilter(), by=MARTA)).applications
    assert isinstance(listed, UnreadableDecision)
    with pytest.raises(DecisionUnreadable):
        await applications.read(record.decision_id, by=MARTA)


async def test_a_version_before_a_superseding_decision_is_refused() -> None:
    desk = Desk()
    record = await desk.refer(outcome=Outcome.APPROVED)
    seen = (await state_of(desk, record)).version
    later_id = TimeOrderedIdentifiers().new()
    await desk.decisions.record(replace(record, decision_id=later_id, supersedes=record.decision_id))
    accept = desk.application_use_cases.accept
    with pytest.raises(ApplicationChanged, match=f"{record.requested_by.name} superseded its decision at"):
        await accept(record.decision_id, by=MARTA, version=seen)
    single = await desk.refer(outcome=Outcome.APPROVED)
    with pytest.raises(ApplicationChanged, match=r"the current one, 1\.0\.0\.0\.approved$"):
        await accept(single.decision_id, by=MARTA, version="else")


async def test_work_on_the_case_between_reading_and_withdrawing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    case = await desk.claimed()
    stale = await desk.applications.find(case.decision_id)
    held = act(case, CaseNoteAdded("Called."), at=desk.clock.moment)
    await desk.cases.append(CaseChange(case.after(held), held))
    find, answers = desk.applications.find, [stale]

    async def find_stale(decision_id: UUID) -> object:
        return answers.pop() if answers else await find(decision_id)

    monkeypatch.setattr(desk.applications, "find", find_stale)
    await desk.application_use_cases.withdraw(case.decision_id, DUPLICATE, by=MARTA)
    ended = await desk.cases.find(case.case_id)
    assert ended is not None
    assert (ended.state.value, ended.version) == ("withdrawn", 3)


async def test_a_case_that_cannot_be_read_is_part_of_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    case = await desk.claimed()

    async def unreadable(case_id: UUID) -> object:
        raise CaseUnreadable(f"action 1 of case {case_id} cannot be read")

    monkeypatch.setattr(desk.cases, "actions", unreadable)
    (history,) = (await desk.application_use_cases.read(case.decision_id, by=MARTA)).cases
    assert (history.case.case_id, history.actions, history.final) == (case.case_id, (), None)
    assert "cannot be read" in history.problem


@dataclass
class Walk:
    """One application, and everything that people try with it."""

    desk: Desk
    record: DecisionRecord
    accepted: list[Acceptance] = field(default_factory=list)

    async def step(self, what: str, hours: int, cents: int) -> None:
        self.desk.wait(timedelta(hours=hours))
        cases = list(await self.desk.cases.of_decision(self.record.decision_id))
        applications, by = self.desk.application_use_cases, SELMA if "senior" in what else UMA
        before = await applications.find(self.record.decision_id, by=by)
        try:
            if what == "accept":
                done = await applications.accept(self.record.decision_id, Money(cents), by=MARTA)
                assert isinstance(done.action.details, Acceptance)
                self.accepted.append(done.action.details)
                assert before.state.can_be_accepted
            elif what == "withdraw":
                await applications.withdraw(self.record.decision_id, DUPLICATE, by=MARTA)
                assert before.state.can_be_withdrawn
            elif what == "review":
                await self.desk.use_cases.open_review(self.record.decision_id, "A second look.", by=by)
            elif cases and what.startswith("claim"):
                await self.desk.claim(cases[-1], by)
            elif cases and what.startswith("second"):
                await self.desk.second(cases[-1], SELMA, approve="refuse" not in what)
            elif cases:
                outcome = FinalOutcome(what.split(maxsplit=1)[0])
                loan = {"amount": Money(cents), "term": 36} if outcome is FinalOutcome.COUNTER_OFFER else {}
                await self.desk.resolve(cases[-1], outcome, by, **loan)
        except (
            ApplicationRuleViolation,
            CaseChanged,
            CaseConflict,
            CaseError,
            CounterOfferNotApproved,
            InvalidResolution,
            ResolutionOutdated,
        ):
            pass

    async def check(self) -> None:
        chain = await self.desk.application_use_cases.read(self.record.decision_id, by=MARTA)
        life, state = chain.present.life, chain.present.state
        assert len(life.actions) <= 1
        unfinished = [each for each in chain.cases if not each.case.state.ended]
        if state in {S.ACCEPTED, S.WITHDRAWN, S.APPROVED, S.COUNTER_OFFER}:
            assert not unfinished
        if state is S.ACCEPTED:
            (accepted,) = self.accepted
            final = await self.desk.cases.last(self.record.decision_id)
            if final is None:
                assert self.record.decision.outcome is Outcome.APPROVED
                assert accepted.offered == self.record.application.terms.amount
            else:
                assert final.outcome.lends
                assert accepted.offered == final.amount
                assert accepted.final_decision_id == final.final_decision_id
                if self.record.decision.outcome is Outcome.DECLINED:
                    counter = final.outcome is FinalOutcome.COUNTER_OFFER
                    assert counter or final.override is not OverrideType.AGREED
                    assert final.checker is not None
            assert accepted.amount <= accepted.offered
        entries = [entry async for entry, _ in self.desk.decisions.entries()]
        recorded = [entry.subject for entry in entries if entry.action.startswith("application ")]
        assert recorded == [action.action_id for action in life.actions]


_WHAT = (
    "accept",
    "withdraw",
    "review",
    "claim",
    "claim senior",
    "approved",
    "approved senior",
    "declined",
    "counter_offer",
    "second",
    "second refuse",
)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(_WHAT), st.sampled_from([0, 0, 0, 1, 200, 800]), st.sampled_from([400_000, 900_000])
    ),
    min_size=3,
    max_size=9,
)


@settings(max_examples=60, deadline=None)
@given(outcome=st.sampled_from(list(Outcome)), strong=st.booleans(), steps=_STEPS)
def test_no_sequence_of_actions_breaks_the_life_of_an_application(
    outcome: Outcome, strong: bool, steps: list[tuple[str, int, int]]
) -> None:
    async def walk() -> None:
        desk = Desk()
        record = await desk.refer(outcome=outcome, log_odds=STRONG if strong else WEAK)
        walking = Walk(desk, record)
        for what, hours, cents in steps:
            await walking.step(what, hours, cents)
            await walking.check()

    asyncio.run(walk())
