"""Verification finds states of cases and applications that differ from what their actions lead to."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.present_states import PostgresPresentStates
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.database.connections import database_engine
from application.ports.cases.cases import CaseChange
from application.use_cases.audit.verify_states import VerifyStates
from domain.cases.case_action import CaseDetails
from domain.cases.claiming import CaseClaimed
from domain.cases.endings import CaseWithdrawn, WithdrawalReason
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested
from domain.cases.lease import LEASE_TERMS
from domain.cases.review import ReviewOpened, review_case
from domain.month import Month
from support.builders import A_MOMENT
from support.cases import LATER, UMA, a_referred_record, act
from support.databases import Store, ledger_at
from support.engines import execute
from support.superseding import decide_again

WORK: tuple[CaseDetails, ...] = (
    CaseClaimed(),
    CaseNoteAdded("Income confirmed by telephone."),
    InformationRequested("Pay slips of the last three months", LATER + timedelta(days=14)),
    InformationReceived("Received by mail"),
)


@pytest.fixture
async def engine(migrated_url: str) -> AsyncIterator[AsyncEngine]:
    engine = database_engine(migrated_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def verify(engine: AsyncEngine) -> VerifyStates:
    return VerifyStates(PostgresPresentStates(engine, page_size=2))


@pytest.fixture
async def worked(postgres_store: Store, engine: AsyncEngine) -> UUID:
    """One case that was worked on, between others: one withdrawn, two untouched."""
    cases, records = PostgresCases(engine), [a_referred_record() for _ in range(4)]
    for record in records:
        await postgres_store.ledger.record(record)
    await work(cases, records[1].decision_id, *WORK)
    await work(cases, records[2].decision_id, CaseWithdrawn(WithdrawalReason.APPLICATION_WITHDRAWN))
    return records[1].decision_id


async def work(cases: PostgresCases, case_id: UUID, *details: CaseDetails) -> None:
    case = await cases.find(case_id)
    for number, each in enumerate(details):
        assert case is not None
        at = LATER + timedelta(minutes=number)
        action = act(case, each, at=at)
        after = case.after(action)
        case = after.leased(LEASE_TERMS.until(at, actor=UMA.name, assignee=after.assignee))
        await cases.append(CaseChange(case, action))


async def faults(verify: VerifyStates, since: datetime | None = None) -> list[tuple[str, str]]:
    return [(found.version, found.why) async for found in verify(since=since)]


def tamper(url: str, statement: str) -> None:
    execute(url, f"SET session_replication_role = replica; {statement}")


async def test_states_that_follow_from_actions_verify(
    verify: VerifyStates, worked: UUID, migrated_url: str, postgres_store: Store
) -> None:
    assert await faults(verify) == []
    tamper(migrated_url, "UPDATE cases SET lease_until = now()")  # renewed without an action
    assert await faults(verify) == []
    assert (await postgres_store.verify()).violations == ()


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ("state = 'open'", "state is open instead of assigned"),
        ("version = 9", "version is 9 instead of 4"),
        ("assignee = 'mallory'", "assignee is mallory instead of uma"),
        ("due_at = due_at + interval '1 day'", "due_at is "),
        ("breached_at = now()", "breached_at is "),
        ("loan_amnt = 1", "amount is "),
        ("reasons = '{}'", "reasons is "),
        ("proposers = '{uma}'", "proposers is "),
        ("changed_by = 'mallory'", "changed_by is mallory instead of uma"),
        ("opened_at = opened_at - interval '1 day'", "opened_at is "),
    ],
)
async def test_a_changed_row_of_a_case_is_detected(
    verify: VerifyStates, worked: UUID, migrated_url: str, change: str, differing: str
) -> None:
    tamper(migrated_url, f"UPDATE cases SET {change} WHERE case_id = '{worked}'")  # noqa: S608 - a test's own text
    ((place, why),) = await faults(verify)
    assert place == f"case {worked}"
    assert why.startswith("its stored state is not the one that its actions lead to: ")
    assert differing in why


async def test_a_state_that_does_not_exist_is_reported_and_others_are_compared(
    verify: VerifyStates, worked: UUID, migrated_url: str
) -> None:
    tamper(migrated_url, f"UPDATE cases SET state = 'lost' WHERE case_id = '{worked}'")  # noqa: S608 - as above
    tamper(migrated_url, "UPDATE cases SET version = 1 WHERE version = 0")
    found = await faults(verify)
    assert len(found) == 3
    assert [why for place, why in found if place == f"case {worked}"] == [
        "its state cannot be compared with its actions: 'lost' is not a valid CaseState"
    ]


async def test_a_removed_action_is_detected(verify: VerifyStates, worked: UUID, migrated_url: str) -> None:
    tamper(migrated_url, f"DELETE FROM case_actions WHERE case_id = '{worked}' AND number = 2")  # noqa: S608 - as above
    ((_, why),) = await faults(verify)
    assert why.startswith("its actions lead to no state: ")


async def test_a_removed_case_is_detected(verify: VerifyStates, worked: UUID, migrated_url: str) -> None:
    tamper(migrated_url, f"DELETE FROM cases WHERE case_id = '{worked}'")  # noqa: S608 - as above
    assert await faults(verify) == [(f"case {worked}", "the case is missing: it was removed")]


async def test_a_removed_review_is_detected(verify: VerifyStates, worked: UUID, migrated_url: str) -> None:
    """The case of a review follows from its actions alone."""
    review = uuid4()
    moved = f"UPDATE case_actions SET case_id = '{review}' WHERE case_id = '{worked}' AND number = 1"  # noqa: S608 - as above
    tamper(migrated_url, moved)
    assert (f"case {review}", "the case is missing: it was removed") in await faults(verify)


async def test_an_inserted_case_is_detected(verify: VerifyStates, worked: UUID, migrated_url: str) -> None:
    case_id = UUID(int=1)
    columns = "due_at, state, opened_at, loan_amnt, grade, requested_by, reasons"
    copied = f"SELECT '{case_id}', '{case_id}', {columns} FROM cases WHERE case_id = '{worked}'"  # noqa: S608 - as above
    tamper(migrated_url, f"INSERT INTO cases (case_id, decision_id, {columns}) {copied}")
    assert await faults(verify) == [(f"case {case_id}", f"its decision {case_id} is missing")]
    archived = [Month.of_identifier(case_id)]
    assert [found async for found in verify(archived=archived)] == []


async def test_a_final_decision_and_a_resolved_case_go_together(
    verify: VerifyStates, worked: UUID, migrated_url: str
) -> None:
    row = f"'{uuid4()}', '{worked}', '{worked}', 1, now(), 'approved', 'agreed', 'referred', 'approved', NULL"
    tamper(migrated_url, f"INSERT INTO final_decisions VALUES ({row}, 'X', 1, 'uma', NULL, '{{}}')")  # noqa: S608 - as above
    assert await faults(verify) == [(f"case {worked}", "it has a final decision, but is not resolved")]
    tamper(migrated_url, f"UPDATE cases SET state = 'resolved' WHERE case_id = '{worked}'")  # noqa: S608 - as above
    tamper(migrated_url, "DELETE FROM final_decisions")
    assert await faults(verify) == [(f"case {worked}", "it is resolved without a final decision")]


async def test_an_incremental_verification_compares_changed_and_unfinished_cases(
    verify: VerifyStates, worked: UUID, migrated_url: str
) -> None:
    tamper(migrated_url, f"UPDATE cases SET grade = 'A', case_id = '{UUID(int=2)}' WHERE state = 'withdrawn'")  # noqa: S608 - as above
    tamper(migrated_url, f"UPDATE cases SET grade = 'A' WHERE case_id = '{worked}'")  # noqa: S608 - as above
    places = {place for place, _ in await faults(verify, datetime.now(A_MOMENT.tzinfo))}
    assert f"case {worked}" in places
    assert f"case {UUID(int=2)}" not in places
    assert f"case {UUID(int=2)}" in {place for place, _ in await faults(verify, A_MOMENT)}


CHAIN = [UUID(f"019cece5-2687-7000-8000-00000000010{number}") for number in range(3)]


@pytest.fixture
async def superseded(migrated_url: str, engine: AsyncEngine) -> UUID:
    """An application that was decided three times."""
    await decide_again(migrated_url, engine, CHAIN)
    return CHAIN[0]


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ("state = 'accepted'", "state is accepted instead of open"),
        ("version = 1", "version is 1 instead of 0"),
        (f"decision_id = '{CHAIN[1]}'", f"decision_id is {CHAIN[1]} instead of {CHAIN[2]}"),
    ],
)
async def test_a_changed_row_of_an_application_is_detected(
    verify: VerifyStates, superseded: UUID, migrated_url: str, change: str, differing: str
) -> None:
    assert await faults(verify) == []
    tamper(migrated_url, f"UPDATE applications SET {change}")  # noqa: S608 - as above
    ((place, why),) = await faults(verify)
    assert place == f"application {superseded}"
    assert why.endswith(f"lead to: {differing}")


async def test_a_review_writes_the_state_of_its_application(
    verify: VerifyStates, engine: AsyncEngine, migrated_url: str
) -> None:
    record = a_referred_record(case_due_at=None)
    async with ledger_at(migrated_url) as ledger:
        await ledger.record(record)
    details = ReviewOpened(record.decision_id, "New pay slips.", LATER + timedelta(days=2))
    for at in (LATER, LATER + timedelta(hours=1)):
        case = review_case(record, uuid4(), at=at, due_at=details.due_at)
        opened = case.act(details, by=UMA, at=at, action_id=uuid4())
        await PostgresCases(engine).append(CaseChange(case.after(opened), opened))
        withdrawn = CaseWithdrawn(WithdrawalReason.APPLICATION_WITHDRAWN)
        await work(PostgresCases(engine), case.case_id, withdrawn)
    assert await faults(verify) == []


@pytest.mark.parametrize("changed", ["kind = 'x'", "document = ''", "document = replace(document, '-', '')||'z'"])
async def test_an_altered_action_of_an_application_ends_no_verification(
    verify: VerifyStates, superseded: UUID, migrated_url: str, changed: str
) -> None:
    columns = "action_id, application_id, number, at, actor, kind, document"
    document = f'{{"decision_id":"{superseded}"}}'
    values = f"gen_random_uuid(), '{superseded}', 1, now(), 'uma', 'application withdrawn', '{document}'"
    execute(migrated_url, f"INSERT INTO application_actions ({columns}) VALUES ({values})")  # noqa: S608 - as above
    execute(migrated_url, f"SET session_replication_role = replica; UPDATE application_actions SET {changed}")  # noqa: S608
    ((where, why),) = await faults(verify)
    assert where == f"application {superseded}"
    assert why


async def test_removed_and_inserted_states_of_applications_are_detected(
    verify: VerifyStates, superseded: UUID, migrated_url: str
) -> None:
    tamper(migrated_url, "DELETE FROM applications")
    assert await faults(verify) == [(f"application {superseded}", "its state is missing: it was removed")]
    tamper(migrated_url, "DELETE FROM superseded_decisions")
    row = f"'{superseded}', '{superseded}', 'accepted', 1, now()"
    tamper(migrated_url, f"INSERT INTO applications VALUES ({row})")  # noqa: S608 - as above
    found = await faults(verify)
    assert (f"application {superseded}", "a state is stored, but nothing happened to the application") in found
