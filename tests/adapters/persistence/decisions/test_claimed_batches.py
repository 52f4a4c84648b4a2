"""Decisions that come to the ledger in one call: as many as there is queue for, and each told for itself."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from adapters.persistence.decisions.chained_writer import ChainedWriter, Documented
from adapters.persistence.decisions.commit_queue import CommitQueue, PendingDecision
from application.ports.decisions.decision_ledger import CommitUnconfirmed, DecisionLedger, LedgerUnavailable
from application.ports.decisions.idempotency import Claim
from domain.decisions.decision_record import DecisionRecord
from support.builders import a_decision_record
from support.databases import Store, ledger_at, locked

Entry = tuple[tuple[DecisionRecord, bytes], Claim | None]


def somebody(many: int = 1) -> list[Entry]:
    """Decisions with their documents, of a queue that never looks into them."""
    return [((a_decision_record(), b"{}"), None) for _ in range(many)]


def records(entries: Sequence[Entry]) -> list[DecisionRecord]:
    return [record for (record, _), _ in entries]


def taken(waiting: Sequence[PendingDecision]) -> list[DecisionRecord]:
    return [each.record for each in waiting]


async def test_a_party_is_told_once_it_is_known_of_each_and_each_in_its_place() -> None:
    queue = CommitQueue(10, timeout=5.0)
    come = somebody(3)
    told = queue.submit(come)
    first, second, third = queue.take(10)
    why, other = LedgerUnavailable(), a_decision_record()
    third.fail(why)
    first.succeed()
    await asyncio.sleep(0)
    assert not told.done()
    second.succeed(other)
    assert await told == [records(come)[0], other, why]


async def test_the_first_word_counts() -> None:
    queue = CommitQueue(10, timeout=5.0)
    come = somebody(2)
    told = queue.submit(come)
    first, second = queue.take(10)
    first.succeed()
    first.fail(LedgerUnavailable())
    assert not told.done()
    second.succeed()
    assert await told == records(come)


async def test_those_beyond_the_room_are_told_and_the_others_wait() -> None:
    queue = CommitQueue(3, timeout=5.0)
    before, come = somebody(), somebody(5)
    queue.submit(before)
    told = queue.submit(come)
    waiting = queue.take(10)
    assert taken(waiting) == [*records(before), *records(come)[:2]]
    for each in waiting:
        each.succeed()
    outcomes = await told
    assert outcomes[:2] == records(come)[:2]
    assert [type(outcome) for outcome in outcomes[2:]] == [LedgerUnavailable] * 3
    assert "3 decisions are waiting" in str(outcomes[2])


async def test_where_there_is_no_room_all_are_told_at_once() -> None:
    queue = CommitQueue(1, timeout=5.0)
    queue.submit(somebody())
    told = queue.submit(somebody(2))
    assert told.done()
    assert [type(outcome) for outcome in await told] == [LedgerUnavailable] * 2


@pytest.mark.parametrize("closed", [True, False])
async def test_where_nobody_is_let_in_all_are_told_at_once(closed: bool) -> None:
    queue = CommitQueue(10, timeout=5.0)
    if closed:
        queue.close()
    else:
        queue.reject_all("there is no database")
    told = queue.submit(somebody(2))
    assert told.done()
    assert [str(outcome) for outcome in await told] == [
        "the ledger is closed" if closed else "there is no database"
    ] * 2
    assert queue.take(10) == []


async def test_who_is_sent_away_while_others_of_the_party_are_written_is_told_so() -> None:
    queue = CommitQueue(10, timeout=5.0)
    come = somebody(2)
    told = queue.submit(come)
    (writing,) = queue.take(1)
    queue.reject_all("there is no database")
    assert not told.done()
    writing.succeed()
    done, away = await told
    assert done == records(come)[0]
    assert isinstance(away, LedgerUnavailable)


async def test_a_party_that_has_gone_is_not_taken_and_one_that_stays_is() -> None:
    queue = CommitQueue(10, timeout=5.0)
    leaving, staying = somebody(2), somebody(2)
    gone = queue.submit(leaving)
    queue.submit(staying)
    gone.cancel()
    assert taken(queue.take(10)) == records(staying)


async def test_who_goes_while_being_written_is_told_nothing() -> None:
    queue = CommitQueue(10, timeout=5.0)
    told = queue.submit(somebody(2))
    writing = queue.take(10)
    told.cancel()
    assert all(each.is_resolved for each in writing)
    for each in writing:
        each.succeed()
    assert told.cancelled()


async def test_of_a_party_each_is_told_by_its_own_state_when_the_time_is_up() -> None:
    queue = CommitQueue(10, timeout=0.02)
    come = somebody(3)
    told = queue.submit(come)
    done, _ = queue.take(2)
    done.succeed()
    async with asyncio.timeout(1):
        assert [type(outcome) for outcome in await told] == [DecisionRecord, CommitUnconfirmed, LedgerUnavailable]
    assert queue.take(10) == []


async def test_more_than_may_wait_in_one_call_are_told_and_the_others_recorded(
    migrated_url: str, postgres_store: Store
) -> None:
    async with ledger_at(migrated_url, max_pending=8, max_batch=3) as ledger:
        await ledger.record(a_decision_record())
        come = [a_decision_record() for _ in range(30)]
        outcomes = await ledger.record_each([(record, None) for record in come])
    assert outcomes[:8] == come[:8]
    assert [type(outcome) for outcome in outcomes[8:]] == [LedgerUnavailable] * 22
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 1 + 8
    assert await postgres_store.violations() == []


async def test_of_a_party_that_has_gone_only_what_was_being_written_is_recorded(
    migrated_url: str, postgres_store: Store
) -> None:
    async with ledger_at(migrated_url, max_batch=2) as ledger:
        await ledger.record(a_decision_record())
        leaving, staying = ([a_decision_record() for _ in range(5)] for _ in range(2))
        async with locked(migrated_url):
            gone = asyncio.create_task(ledger.record_each([(record, None) for record in leaving]))
            await asyncio.sleep(0.05)
            rest = asyncio.create_task(ledger.record_each([(record, None) for record in staying]))
            await asyncio.sleep(0.05)
            gone.cancel()
            await asyncio.sleep(0)
        assert await rest == staying
    found = [await postgres_store.archive.find(record.decision_id) for record in leaving]
    assert found == [*leaving[:2], None, None, None]
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 1 + 2 + 5
    assert await postgres_store.violations() == []


async def test_who_was_told_goes_on_before_the_next_batch_is_sent(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    write = ChainedWriter.write

    async def seen(writer: ChainedWriter, batch: Sequence[Documented], claims: Sequence[Any]) -> Any:
        happened.append(f"{len(batch)} sent")
        return await write(writer, batch, claims)

    async def recorded(ledger: DecisionLedger, many: int) -> None:
        await ledger.record_each([(a_decision_record(), None) for _ in range(many)])
        happened.append(f"{many} told")

    monkeypatch.setattr(ChainedWriter, "write", seen)
    async with ledger_at(migrated_url) as ledger:
        await recorded(ledger, 1)
        async with locked(migrated_url):
            first = asyncio.create_task(recorded(ledger, 2))
            await asyncio.sleep(0.05)
            second = asyncio.create_task(recorded(ledger, 3))
            await asyncio.sleep(0.05)
        await asyncio.gather(first, second)
    assert happened == ["1 sent", "1 told", "2 sent", "2 told", "3 sent", "3 told"]
