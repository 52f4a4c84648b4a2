"""Several people, processes and killed processes on the same cases."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.database.connections import database_engine
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.cases.change_case import CaseChanges, CaseResult
from application.use_cases.cases.claim_cases import ClaimCase, ClaimNextCase
from application.use_cases.cases.follow_up_cases import ExpireUnansweredCases, RecordPassedDueTimes
from application.use_cases.cases.inform_cases import AddCaseNote
from domain.access.user import Actor, Role
from domain.cases.case_errors import CaseChanged
from domain.cases.claiming import CaseReleased
from domain.cases.endings import DueTimePassed
from domain.cases.information import CaseNoteAdded
from domain.cases.lease import LEASE_TERMS
from support.cases import UDO, UMA, a_referred_record
from support.databases import Store
from support.paths import PROJECT

PEOPLE = [Actor(f"underwriter {number}", Role.UNDERWRITER) for number in range(16)]
SYSTEM = Actor("system:service", Role.AUDITOR)


@pytest.fixture
async def desks(migrated_url: str) -> AsyncIterator[list[CaseChanges]]:
    """What two processes use: each has connections and audit chains of its own."""
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(2):
            engine = database_engine(migrated_url)
            stack.push_async_callback(engine.dispose)
            found.append(CaseChanges(PostgresCases(engine), SystemClock(), TimeOrderedIdentifiers(), LEASE_TERMS))
        yield found


async def referred(store: Store, count: int, **values: object) -> list[UUID]:
    records = [a_referred_record(decided_at=SystemClock().now(), **values) for _ in range(count)]
    await store.ledger.record_all(records)
    return [record.decision_id for record in records]


async def test_of_two_people_who_claim_a_case_at_the_same_moment_one_gets_it_100_times(
    postgres_store: Store, desks: list[CaseChanges]
) -> None:
    for case_id in await referred(postgres_store, 100):
        claims = [ClaimCase(desk)(case_id, by=by, seen=0) for desk, by in zip(desks, (UMA, UDO), strict=True)]
        outcomes = await asyncio.gather(*claims, return_exceptions=True)
        (won,) = [outcome for outcome in outcomes if isinstance(outcome, CaseResult)]
        (lost,) = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert isinstance(lost, CaseChanged), lost
        assert (lost.holder, lost.since) == (won.case.assignee, won.case.assigned_at)
        assert f"{won.case.assignee} has held it since" in str(lost)
        assert len(await desks[0].cases.actions(case_id)) == 1
    assert (await postgres_store.verify()).violations == ()


async def test_16_people_who_take_the_next_case_at_once_get_different_ones_the_most_urgent_first(
    postgres_store: Store, desks: list[CaseChanges]
) -> None:
    urgent = await referred(postgres_store, 64, due_in=timedelta(hours=1))
    await referred(postgres_store, 16, due_in=timedelta(hours=2))

    async def take(number: int, by: Actor) -> list[UUID]:
        taken = [await ClaimNextCase(desks[number % 2])(by=by) for _ in range(4)]
        return [each.case.case_id for each in taken if each is not None]

    taken = await asyncio.gather(*(take(number, by) for number, by in enumerate(PEOPLE)))
    assert sorted(case_id for each in taken for case_id in each) == sorted(urgent)
    assert (await postgres_store.verify()).violations == ()


async def test_a_request_that_is_repeated_at_once_takes_one_case(
    postgres_store: Store, desks: list[CaseChanges]
) -> None:
    await referred(postgres_store, 40)
    for number in range(10):
        key = IdempotencyKey(f"request {number}".replace(" ", "-"))
        both = await asyncio.gather(*(ClaimNextCase(desk)(by=UMA, key=key) for desk in desks))
        assert len({each.case.case_id for each in both if each is not None}) == 1
        assert sorted(each.replayed for each in both if each is not None) == [False, True]
    assert (await postgres_store.verify()).violations == ()


async def test_a_passed_due_time_is_recorded_once_by_two_processes(
    postgres_store: Store, desks: list[CaseChanges]
) -> None:
    overdue = await referred(postgres_store, 20, due_in=timedelta(hours=-1))
    counts = await asyncio.gather(*(RecordPassedDueTimes(desk)(by=SYSTEM) for desk in desks))
    assert sum(counts) == len(overdue)
    assert await ExpireUnansweredCases(desks[0])(by=SYSTEM) == 0
    for case_id in overdue:
        (action,) = await desks[0].cases.actions(case_id)
        assert isinstance(action.details, DueTimePassed)


async def test_a_due_time_that_passes_while_a_person_writes_refuses_nothing(
    postgres_store: Store, desks: list[CaseChanges]
) -> None:
    for case_id in await referred(postgres_store, 20, due_in=timedelta(hours=-1)):
        held = (await ClaimCase(desks[0])(case_id, by=UMA, seen=0)).case
        note = AddCaseNote(desks[0])(case_id, "Called.", by=UMA, seen=held.version)
        await asyncio.gather(note, RecordPassedDueTimes(desks[1])(by=SYSTEM))
        case = await desks[0].present(case_id)
        await RecordPassedDueTimes(desks[1])(by=SYSTEM)
        assert case.version == 2 + (case.breached_at is not None)


_WORKER = """
import asyncio, sys
sys.path.insert(0, "tests")
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.database.connections import database_engine
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.use_cases.cases.change_case import CaseChanges
from application.use_cases.cases.claim_cases import ClaimNextCase
from application.use_cases.cases.inform_cases import AddCaseNote
from domain.cases.lease import LEASE_TERMS
from support.cases import UMA

async def work():
    cases = PostgresCases(database_engine(sys.argv[1]))
    changes = CaseChanges(cases, SystemClock(), TimeOrderedIdentifiers(), LEASE_TERMS)
    case = (await ClaimNextCase(changes)(by=UMA)).case
    for number in range(100_000):
        case = (await AddCaseNote(changes)(case.case_id, f"note {number}", by=UMA, seen=case.version)).case
        print(number, flush=True)

asyncio.run(work())
"""


async def test_a_killed_process_loses_no_note_and_holds_its_case_no_longer_than_the_lease(
    postgres_store: Store, desks: list[CaseChanges], migrated_url: str
) -> None:
    (case_id,) = await referred(postgres_store, 1)
    command = [sys.executable, "-c", _WORKER, migrated_url]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as worker:  # noqa: ASYNC220 - killed
        assert worker.stdout is not None
        confirmed = [next(worker.stdout).strip() for _ in range(20)]
        os.kill(worker.pid, signal.SIGKILL)
        confirmed += worker.stdout.read().split()
    actions = await desks[0].cases.actions(case_id)
    notes = [action.details.text for action in actions if isinstance(action.details, CaseNoteAdded)]
    expected = [f"note {number}" for number in confirmed]
    assert notes[: len(expected)] == expected
    assert len(notes) <= len(expected) + 1  # one may be committed before it was printed
    case = await desks[0].present(case_id)
    assert case.version == len(actions)
    now = SystemClock().now()
    assert case.holder_at(now) == "uma"
    assert case.holder_at(now + LEASE_TERMS.after_activity) is None
    assert (await postgres_store.verify()).violations == ()
    # The same person, on another process, goes on at once.
    await AddCaseNote(desks[1])(case_id, "Again here.", by=UMA, seen=case.version)
    released = await desks[1](case_id, CaseReleased(), by=UMA, seen=case.version + 1)
    assert released.case.assignee is None
