"""The contract of every store of referral cases."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.database.connections import database_engine
from adapters.system import TimeOrderedIdentifiers
from application.ports.cases.cases import AlreadyClaimed, CaseChange, CaseConflict, CaseFilter, Cases
from application.ports.decisions.decision_archive import InvalidCursor
from application.ports.decisions.idempotency import (
    Claim,
    IdempotencyKey,
    KeyReused,
    OriginalResponseUnavailable,
)
from domain.access.user import Actor
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.money import Money
from domain.cases.case_action import CaseDetails
from domain.cases.case_state import CaseState
from domain.cases.claiming import CaseClaimed, CaseReassigned, CaseReleased
from domain.cases.endings import CaseExpired, CaseWithdrawn, DueTimePassed, WithdrawalReason
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested
from domain.cases.referral_case import ReferralCase
from support.builders import A_MOMENT, a_decision, a_decision_record, a_loan_application
from support.cases import LATER, SARA, UDO, UMA, a_referred_record
from support.databases import Store
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions
from support.states import check_states

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WITHDRAWN = CaseWithdrawn(WithdrawalReason.SUPERSEDED)
EVERY_DETAIL = (
    CaseClaimed(),
    CaseNoteAdded("Called the applicant.\nNo answer, “later”."),
    InformationRequested("Please send two pay slips.", LATER + 14 * 24 * HOUR),
    InformationReceived("Two pay slips."),
    CaseReassigned("uma", UMA.role),
    CaseReleased(),
    WITHDRAWN,
)


@dataclass(frozen=True)
class Desk:
    """The cases of a store of decisions."""

    cases: Cases
    store: Store

    async def open(self, **values: object) -> ReferralCase:
        """The case of a referred decision that is recorded."""
        record = a_referred_record(**values)
        await self.store.ledger.record(record)
        found = await self.cases.find(record.decision_id)
        assert found == ReferralCase.opened(record)
        return found

    async def do(
        self, case: ReferralCase, *all_details: CaseDetails, by: Actor = UMA, at: datetime = LATER
    ) -> ReferralCase:
        for details in all_details:
            change = changed(case, details, by=by, at=at)
            await self.cases.append(change)
            case = change.case
        return case


def changed(
    case: ReferralCase,
    details: CaseDetails,
    *,
    by: Actor = UMA,
    at: datetime = LATER,
    claim: Claim | None = None,
) -> CaseChange:
    action = case.act(details, by=by, at=at, action_id=TimeOrderedIdentifiers().new())
    after = case.after(action)
    return CaseChange(after.leased(at + 15 * MINUTE if after.assignee else None), action, claim)


def a_claim(key: str = "first", request: str = "a request") -> Claim:
    return Claim.of(IdempotencyKey(key), by=UMA, operation="work on a case", request=request)


@pytest.fixture
async def desk(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[Desk]:
    if isinstance(store.ledger, MemoryDecisions):
        yield Desk(MemoryCases(store.ledger), store)
        return
    engine = database_engine(request.getfixturevalue("migrated_url"))
    yield Desk(PostgresCases(engine), store)
    await check_states(engine)
    await engine.dispose()


async def test_a_referred_decision_opens_its_case(desk: Desk) -> None:
    case = await desk.open(identity=ApplicationIdentity(application_reference="A-1", applicant_reference="P-1"))
    assert (case.application_reference, case.applicant_reference) == ("A-1", "P-1")
    assert list(await desk.cases.of_decision(case.decision_id)) == [case]
    assert list(await desk.cases.actions(case.case_id)) == []


async def test_other_decisions_open_none(desk: Desk) -> None:
    record = a_decision_record()
    await desk.store.ledger.record(record)
    assert await desk.cases.find(record.decision_id) is None
    assert list(await desk.cases.of_decision(record.decision_id)) == []


async def test_every_kind_of_action_is_read_back_and_in_the_trail(desk: Desk) -> None:
    case = await desk.open()
    after = await desk.do(case, *EVERY_DETAIL)
    actions = await desk.cases.actions(case.case_id)
    assert [action.details for action in actions] == list(EVERY_DETAIL)
    assert [action.number for action in actions] == [1, 2, 3, 4, 5, 6, 7]
    assert {action.actor for action in actions} == {UMA}
    assert await desk.cases.find(case.case_id) == after
    assert case.after_all(actions) == after.leased(None)
    entries = [entry async for entry, _ in desk.store.trail.entries()]
    assert [entry.action for entry in entries if entry.action.startswith("case")] == [
        action.kind.value for action in actions
    ]
    found = await desk.store.verify()
    assert (found.entries, found.violations) == (8, ())


async def test_a_case_changed_meanwhile_is_not_changed(desk: Desk) -> None:
    case = await desk.open()
    one, other = changed(case, CaseClaimed()), changed(case, CaseClaimed(), by=UDO)
    await desk.cases.append(one)
    with pytest.raises(CaseConflict):
        await desk.cases.append(other)
    assert await desk.cases.find(case.case_id) == one.case
    assert len(await desk.cases.actions(case.case_id)) == 1
    await desk.do(one.case, CaseNoteAdded("Still mine."))
    assert (await desk.store.verify()).violations == ()


async def test_a_key_finds_the_case_of_the_first_action(desk: Desk) -> None:
    case, claim = await desk.open(), a_claim()
    assert await desk.cases.case_under(claim) is None
    await desk.cases.append(changed(case, CaseClaimed(), claim=claim))
    assert await desk.cases.case_under(claim) == case.case_id
    with pytest.raises(KeyReused):
        await desk.cases.case_under(a_claim(request="another request"))


async def test_a_key_is_used_once(desk: Desk) -> None:
    case, claim = await desk.open(), a_claim()
    first = changed(case, CaseClaimed(), claim=claim)
    await desk.cases.append(first)
    with pytest.raises(AlreadyClaimed):
        await desk.cases.append(changed(first.case, CaseNoteAdded("Twice."), claim=claim))
    assert await desk.cases.find(case.case_id) == first.case
    await desk.do(first.case, CaseNoteAdded("Once."))
    assert (await desk.store.verify()).violations == ()


async def test_a_key_of_a_decision_finds_no_case(desk: Desk) -> None:
    claim = a_claim()
    await desk.store.ledger.record_each([(a_decision_record(), claim)])
    with pytest.raises(OriginalResponseUnavailable):
        await desk.cases.case_under(claim)


async def test_the_most_urgent_free_case_is_next(desk: Desk) -> None:
    later, urgent, held = [await desk.open(due_in=hours * HOUR) for hours in (3, 2, 1)]
    await desk.do(held, CaseClaimed(), by=UDO)
    taken = [await next_case(desk) for _ in range(3)]
    assert taken == [urgent.case_id, later.case_id, None]
    assert await next_case(desk, at=LATER + 15 * MINUTE) == held.case_id  # all leases have ended


async def test_next_offers_no_case_that_awaits_or_is_finished(desk: Desk) -> None:
    awaiting, finished = await desk.open(), await desk.open()
    await desk.do(awaiting, CaseClaimed(), InformationRequested("Pay slips?", LATER + HOUR))
    await desk.do(finished, WITHDRAWN)
    assert await next_case(desk, by=SARA, at=LATER + 24 * HOUR) is None


async def test_nothing_is_taken_under_a_key_that_is_used(desk: Desk) -> None:
    first, second = await desk.open(due_in=HOUR), await desk.open(due_in=2 * HOUR)
    await desk.cases.append(changed(first, CaseClaimed(), claim=a_claim()))
    with pytest.raises(AlreadyClaimed):
        await desk.cases.take_next(UMA, LATER, lambda case: changed(case, CaseClaimed(), claim=a_claim()))
    assert await desk.cases.find(second.case_id) == second


async def next_case(desk: Desk, by: Actor = UMA, at: datetime = LATER) -> UUID | None:
    taken = await desk.cases.take_next(by, at, lambda case: changed(case, CaseClaimed(), by=by, at=at))
    if taken is not None:
        assert (taken.assignee, taken.state) == (by.name, CaseState.ASSIGNED)
        assert await desk.cases.find(taken.case_id) == taken
    return taken and taken.case_id


async def test_only_the_holder_of_an_unexpired_lease_can_renew_it(desk: Desk) -> None:
    case = await desk.do(await desk.open(), CaseClaimed())

    async def renewed(holder: str, at: datetime) -> ReferralCase | None:
        return await desk.cases.renew(case.case_id, holder=holder, at=at, until=at + 15 * MINUTE)

    assert await renewed("udo", LATER) is None
    assert await desk.cases.renew(uuid4(), holder="uma", at=LATER, until=LATER) is None
    assert await renewed("uma", LATER + 10 * MINUTE) == case.leased(LATER + 25 * MINUTE)
    assert await desk.cases.renew(case.case_id, holder="uma", at=LATER, until=LATER) == case.leased(
        LATER + 25 * MINUTE
    )
    assert await renewed("uma", LATER + 25 * MINUTE) is None
    assert len(await desk.cases.actions(case.case_id)) == 1


async def test_overdue_cases_are_found_until_that_is_recorded(desk: Desk) -> None:
    case, awaiting, finished = [await desk.open(due_in=HOUR) for _ in range(3)]
    await desk.do(awaiting, CaseClaimed(), InformationRequested("Pay slips?", LATER + HOUR))
    await desk.do(finished, WITHDRAWN)
    due = A_MOMENT + HOUR
    assert list(await desk.cases.overdue(due - MINUTE, limit=9)) == []
    assert list(await desk.cases.overdue(due, limit=9)) == [case]
    await desk.do(case, DueTimePassed(), at=due)
    assert list(await desk.cases.overdue(due, limit=9)) == []


async def test_unanswered_cases_are_found_until_they_expire(desk: Desk) -> None:
    case, other = await desk.open(), await desk.open()
    for each in (case, other):
        await desk.do(each, CaseClaimed(), InformationRequested("Pay slips?", LATER + HOUR))
    assert list(await desk.cases.unanswered(LATER, limit=9)) == []
    found = await desk.cases.unanswered(LATER + HOUR, limit=1)
    assert [each.case_id for each in found] <= sorted([case.case_id, other.case_id])
    for each in await desk.cases.unanswered(LATER + HOUR, limit=9):
        await desk.do(each, CaseExpired(), at=LATER + HOUR)
    assert list(await desk.cases.unanswered(LATER + HOUR, limit=9)) == []


async def test_pages_show_each_case_once_by_due_time(desk: Desk) -> None:
    opened = [await desk.open(due_in=hours * HOUR) for hours in (5, 1, 4, 2, 3)]
    expected = [case.case_id for case in sorted(opened, key=lambda case: case.due_at)]
    assert await listed(desk, CaseFilter(), limit=2) == expected
    with pytest.raises(InvalidCursor):
        await desk.cases.page(CaseFilter(), at=LATER, limit=2, cursor="no cursor")


async def test_finished_cases_are_listed_by_their_end_the_last_first(desk: Desk) -> None:
    finished = [await desk.do(await desk.open(), WITHDRAWN, at=LATER + n * MINUTE) for n in range(3)]
    await desk.open()
    wanted = CaseFilter(states=frozenset({CaseState.WITHDRAWN, CaseState.RESOLVED}))
    assert await listed(desk, wanted, limit=1) == [case.case_id for case in finished[::-1]]


async def listed(desk: Desk, wanted: CaseFilter, *, at: datetime = LATER, limit: int = 50) -> list[UUID]:
    """The cases on all pages."""
    page = await desk.cases.page(wanted, at=at, limit=limit)
    found = list(page.cases)
    while page.next_cursor is not None:
        assert len(page.cases) == limit
        page = await desk.cases.page(wanted, at=at, limit=limit, cursor=page.next_cursor)
        found += page.cases
    assert page.total == len(found)
    return [case.case_id for case in found]


def with_amount(dollars: float) -> dict[str, object]:
    return {"application": a_loan_application(loan_amnt=dollars)}


CRITERIA: dict[str, tuple[CaseFilter, Callable[[list[ReferralCase]], list[ReferralCase]]]] = {
    "everything unfinished": (CaseFilter(), lambda found: found[:4]),
    "open, with the expired lease": (
        CaseFilter(states=frozenset({CaseState.OPEN})),
        lambda found: [found[0], found[3]],
    ),
    "assigned": (CaseFilter(states=frozenset({CaseState.ASSIGNED})), lambda found: [found[1]]),
    "awaiting": (CaseFilter(states=frozenset({CaseState.AWAITING_APPLICANT})), lambda found: [found[2]]),
    "of uma": (CaseFilter(assignee="uma"), lambda found: [found[1], found[2]]),
    "due soon": (CaseFilter(due_before=A_MOMENT + 3 * HOUR), lambda found: found[:2]),
    "from $3,000": (CaseFilter(minimum_amount=Money(300_000)), lambda found: found[2:4]),
    "up to $2,000": (CaseFilter(maximum_amount=Money(200_000)), lambda found: found[:2]),
    "with a reason": (CaseFilter(reason="INQUIRIES"), lambda found: [found[1], *found[2:4]]),
    "withdrawn": (CaseFilter(states=frozenset({CaseState.WITHDRAWN})), lambda found: [found[4]]),
}


@pytest.mark.parametrize("criteria", CRITERIA)
async def test_cases_are_found_by_their_criteria(desk: Desk, criteria: str) -> None:
    found = []
    for number in range(1, 6):
        values = {"due_in": number * HOUR, **with_amount(number * 1000.0)}
        if number == 1:
            values["decision"] = replace(a_decision(), reasons=a_decision().reasons[:1])
        found.append(await desk.open(**values))
    await desk.do(found[1], CaseClaimed())
    await desk.do(found[2], CaseClaimed(), InformationRequested("Pay slips?", LATER + HOUR))
    await desk.do(found[3], CaseClaimed(), by=UDO, at=LATER - 15 * MINUTE)
    await desk.do(found[4], WITHDRAWN)
    wanted, expected = CRITERIA[criteria]
    assert await listed(desk, wanted) == [case.case_id for case in expected(found)]


def test_finished_and_unfinished_cases_are_listed_apart() -> None:
    for states in (frozenset(), frozenset({CaseState.OPEN, CaseState.RESOLVED})):
        with pytest.raises(ValueError, match="either unfinished or finished"):
            CaseFilter(states=states)
