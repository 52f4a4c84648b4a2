"""Concurrent decisions share commits; an overloaded ledger rejects immediately."""

import asyncio
from typing import Any

import asyncpg
import pytest

from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from support.builders import a_decision_record
from support.databases import Store, ledger_at, locked, recovery


async def query(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_concurrent_decisions_share_few_transactions(migrated_url: str) -> None:
    async with ledger_at(migrated_url) as ledger:
        await asyncio.gather(*(ledger.record(a_decision_record()) for _ in range(200)))
    transactions = await query(migrated_url, "SELECT count(DISTINCT xmin::text) FROM audit_entries")
    assert transactions <= 4


async def test_a_decision_and_its_entry_share_a_transaction(migrated_url: str) -> None:
    async with ledger_at(migrated_url) as ledger:
        for _ in range(5):
            await ledger.record(a_decision_record())
    together = """
        SELECT count(*) FROM audit_entries JOIN decisions ON decision_id = subject
        WHERE audit_entries.xmin::text = decisions.xmin::text
    """
    assert await query(migrated_url, together) == 5


async def test_a_commit_holds_no_more_than_its_limit(migrated_url: str) -> None:
    async with ledger_at(migrated_url, max_batch=10) as ledger:
        await asyncio.gather(*(ledger.record(a_decision_record()) for _ in range(95)))
    largest = "SELECT max(size) FROM (SELECT count(*) AS size FROM audit_entries GROUP BY xmin::text) AS commits"
    assert await query(migrated_url, largest) == 10


async def test_commits_are_durable_although_the_databases_default_is_not(migrated_url: str) -> None:
    """The test server has synchronous_commit off; the ledger overrides it."""
    assert await query(migrated_url, "SHOW synchronous_commit") == "off"
    async with ledger_at(migrated_url) as ledger:
        await ledger.record(a_decision_record())
        writer = next(iter(ledger._tasks)).get_coro().cr_frame.f_locals["writer"]
        assert await writer._connection.fetchval("SHOW synchronous_commit") == "on"


async def test_a_full_queue_rejects_immediately_and_loses_no_request(
    migrated_url: str, postgres_store: Store
) -> None:
    async with ledger_at(migrated_url, max_pending=8, max_batch=2) as ledger:
        await ledger.record(a_decision_record())
        async with locked(migrated_url):
            waiting = [asyncio.create_task(ledger.record(a_decision_record())) for _ in range(30)]
            await asyncio.sleep(0.2)
            full = [task for task in waiting if task.done()]
            assert len(full) >= 30 - 8 - 2
            for task in full:
                assert isinstance(task.exception(), LedgerUnavailable)
                assert "8 decisions are waiting" in str(task.exception())
        results = await asyncio.gather(*waiting, return_exceptions=True)
        recorded = results.count(None)
        assert recorded + len(full) == 30
        await ledger.record(a_decision_record())
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == recorded + 2
    assert await postgres_store.violations() == []


async def test_no_decision_waits_longer_than_the_timeout(migrated_url: str, postgres_store: Store) -> None:
    async with ledger_at(migrated_url, timeout=0.3) as ledger:
        await ledger.record(a_decision_record())
        async with locked(migrated_url), asyncio.timeout(2):
            late = [ledger.record(a_decision_record()) for _ in range(3)]
            results = await asyncio.gather(*late, return_exceptions=True)
            assert [type(result) for result in results] == [CommitUnconfirmed] * 3
        await recovery(ledger)
    assert await postgres_store.violations() == []


async def test_a_cancelled_caller_does_not_affect_others(migrated_url: str, postgres_store: Store) -> None:
    async with ledger_at(migrated_url, max_batch=1) as ledger:
        await ledger.record(a_decision_record())
        async with locked(migrated_url):
            tasks = [asyncio.create_task(ledger.record(a_decision_record())) for _ in range(6)]
            await asyncio.sleep(0.05)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.sleep(0.05)
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[1::2] == [None, None, None]
    assert all(isinstance(result, asyncio.CancelledError) for result in results[::2])
    # The first was being written already; the other two cancelled ones were not, and are not recorded.
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 1 + 1 + 3
    assert await postgres_store.violations() == []


async def test_closing_commits_the_queue(migrated_url: str, postgres_store: Store) -> None:
    async with ledger_at(migrated_url, max_batch=3) as ledger:
        waiting = [asyncio.create_task(ledger.record(a_decision_record())) for _ in range(20)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*waiting) == [None] * 20
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 20


async def test_a_closed_ledger_rejects_decisions(migrated_url: str) -> None:
    async with ledger_at(migrated_url) as ledger:
        pass
    with pytest.raises(LedgerUnavailable, match="closed"):
        await ledger.record(a_decision_record())


async def test_closing_ends_within_the_timeout(migrated_url: str) -> None:
    async with locked(migrated_url), asyncio.timeout(3):
        async with ledger_at(migrated_url, timeout=0.5) as ledger:
            waiting = asyncio.create_task(ledger.record(a_decision_record()))
            await asyncio.sleep(0.1)
        with pytest.raises(LedgerUnavailable):
            await waiting


@pytest.mark.parametrize("writers", [1, 2, 3])
async def test_each_writer_has_a_chain_of_its_own(migrated_url: str, postgres_store: Store, writers: int) -> None:
    async with (
        ledger_at(migrated_url, writers=writers, max_batch=5) as one,
        ledger_at(migrated_url) as another,
    ):
        ledgers = [one, another, postgres_store.ledger]
        await asyncio.gather(*(ledgers[turn % 3].record(a_decision_record()) for turn in range(150)))
        await asyncio.gather(*(ledger.record_all([a_decision_record() for _ in range(20)]) for ledger in ledgers))
    chains = {entry.chain async for entry, _ in postgres_store.trail.entries()}
    assert 2 + 1 + 3 <= len(chains) <= 2 + writers + 3  # a writer without work has none
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 150 + 60
    assert await postgres_store.violations() == []
