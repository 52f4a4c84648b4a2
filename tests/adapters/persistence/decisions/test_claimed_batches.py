"""Decisions recorded in one call: as many as the queue can hold, each with its own outcome."""

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


def entries(count: int = 1) -> list[Entry]:
    """Decisions with documents that the queue does not read."""
    return [((a_decision_record(), b"{}"), None) for _ in range(count)]


def records(entries: Sequence[Entry]) -> list[DecisionRecord]:
    return [record for (record, _), _ in entries]


def taken(pending: Sequence[PendingDecision]) -> list[DecisionRecord]:
    return [each.record for each in pending]


async def test_a_submission_resolves_when_every_outcome_is_known() -> None:
    queue = CommitQueue(10, timeout=5.0)
    submitted = entries(3)
    outcomes = queue.submit(submitted)
    first, second, third = queue.take(10)
    why, other = LedgerUnavailable(), a_decision_record()
    third.fail(why)
    first.succeed()
    await asyncio.sleep(0)
    assert not outcomes.done()
    second.replay(other)
    assert await outcomes == [records(submitted)[0], other, why]


async def test_the_first_outcome_counts() -> None:
    queue = CommitQueue(10, timeout=5.0)
    submitted = entries(2)
    outcomes = queue.submit(submitted)
    first, second = queue.take(10)
    first.succeed()
    first.fail(LedgerUnavailable())
    assert not outcomes.done()
    second.succeed()
    assert await outcomes == records(submitted)


async def test_decisions_beyond_the_queues_capacity_are_rejected() -> None:
    queue = CommitQueue(3, timeout=5.0)
    before, submitted = entries(), entries(5)
    queue.submit(before)
    outcomes = queue.submit(submitted)
    waiting = queue.take(10)
    assert taken(waiting) == [*records(before), *records(submitted)[:2]]
    for each in waiting:
        each.succeed()
    results = await outcomes
    assert results[:2] == records(submitted)[:2]
    assert [type(outcome) for outcome in results[2:]] == [LedgerUnavailable] * 3
    assert "3 decisions are waiting" in str(results[2])


async def test_a_full_queue_rejects_immediately() -> None:
    queue = CommitQueue(1, timeout=5.0)
    queue.submit(entries())
    outcomes = queue.submit(entries(2))
    assert outcomes.done()
    assert [type(outcome) for outcome in await outcomes] == [LedgerUnavailable] * 2


@pytest.mark.parametrize("closed", [True, False])
async def test_a_closed_or_rejecting_queue_rejects_immediately(closed: bool) -> None:
    queue = CommitQueue(10, timeout=5.0)
    if closed:
        queue.close()
    else:
        queue.reject_all("there is no database")
    outcomes = queue.submit(entries(2))
    assert outcomes.done()
    assert [str(outcome) for outcome in await outcomes] == [
        "the ledger is closed" if closed else "there is no database"
    ] * 2
    assert queue.take(10) == []


async def test_queued_decisions_are_rejected_while_others_of_their_submission_are_written() -> None:
    queue = CommitQueue(10, timeout=5.0)
    submitted = entries(2)
    outcomes = queue.submit(submitted)
    (writing,) = queue.take(1)
    queue.reject_all("there is no database")
    assert not outcomes.done()
    writing.succeed()
    done, rejected = await outcomes
    assert done == records(submitted)[0]
    assert isinstance(rejected, LedgerUnavailable)


async def test_a_cancelled_submission_is_not_committed() -> None:
    queue = CommitQueue(10, timeout=5.0)
    cancelled, kept = entries(2), entries(2)
    submission = queue.submit(cancelled)
    queue.submit(kept)
    submission.cancel()
    assert taken(queue.take(10)) == records(kept)


async def test_a_submission_cancelled_while_written_gets_no_outcome() -> None:
    queue = CommitQueue(10, timeout=5.0)
    outcomes = queue.submit(entries(2))
    writing = queue.take(10)
    outcomes.cancel()
    assert all(each.is_resolved for each in writing)
    for each in writing:
        each.succeed()
    assert outcomes.cancelled()


async def test_expired_decisions_fail_according_to_their_state() -> None:
    queue = CommitQueue(10, timeout=0.02)
    submitted = entries(3)
    outcomes = queue.submit(submitted)
    done, _ = queue.take(2)
    done.succeed()
    async with asyncio.timeout(1):
        assert [type(outcome) for outcome in await outcomes] == [
            DecisionRecord,
            CommitUnconfirmed,
            LedgerUnavailable,
        ]
    assert queue.take(10) == []


async def test_decisions_beyond_the_capacity_fail_and_the_others_are_recorded(
    migrated_url: str, postgres_store: Store
) -> None:
    async with ledger_at(migrated_url, max_pending=8, max_batch=3) as ledger:
        await ledger.record(a_decision_record())
        submitted = [a_decision_record() for _ in range(30)]
        outcomes = await ledger.record_each([(record, None) for record in submitted])
    assert outcomes[:8] == submitted[:8]
    assert [type(outcome) for outcome in outcomes[8:]] == [LedgerUnavailable] * 22
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 1 + 8
    assert await postgres_store.violations() == []


async def test_a_cancelled_submission_records_only_the_batch_being_written(
    migrated_url: str, postgres_store: Store
) -> None:
    async with ledger_at(migrated_url, max_batch=2) as ledger:
        await ledger.record(a_decision_record())
        cancelled, kept = ([a_decision_record() for _ in range(5)] for _ in range(2))
        async with locked(migrated_url):
            submission = asyncio.create_task(ledger.record_each([(record, None) for record in cancelled]))
            await asyncio.sleep(0.05)
            rest = asyncio.create_task(ledger.record_each([(record, None) for record in kept]))
            await asyncio.sleep(0.05)
            submission.cancel()
            await asyncio.sleep(0)
        assert await rest == kept
    found = [await postgres_store.archive.find(record.decision_id) for record in cancelled]
    assert found == [*cancelled[:2], None, None, None]
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 1 + 2 + 5
    assert await postgres_store.violations() == []


async def test_callers_continue_before_the_next_batch_is_sent(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    write = ChainedWriter.write

    async def seen(writer: ChainedWriter, batch: Sequence[Documented], *unique: Sequence[Any]) -> Any:
        happened.append(f"{len(batch)} sent")
        return await write(writer, batch, *unique)

    async def recorded(ledger: DecisionLedger, count: int) -> None:
        await ledger.record_each([(a_decision_record(), None) for _ in range(count)])
        happened.append(f"{count} recorded")

    monkeypatch.setattr(ChainedWriter, "write", seen)
    async with ledger_at(migrated_url) as ledger:
        await recorded(ledger, 1)
        async with locked(migrated_url):
            first = asyncio.create_task(recorded(ledger, 2))
            await asyncio.sleep(0.05)
            second = asyncio.create_task(recorded(ledger, 3))
            await asyncio.sleep(0.05)
        await asyncio.gather(first, second)
    assert happened == ["1 sent", "1 recorded", "2 sent", "2 recorded", "3 sent", "3 recorded"]
