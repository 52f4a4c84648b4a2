"""A database that stalls: callers get the known outcomes, and nothing accumulates."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import pytest

from adapters.persistence.decisions import chained_writer
from adapters.persistence.decisions.decision_rows import search_values
from adapters.persistence.decisions.ledger_dependency import LedgerDependency
from application.ports.decisions.decision_ledger import CommitUnconfirmed, KeyHeld, LedgerUnavailable
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from application.ports.operations.dependencies import DependencyUnavailable
from domain.decisions.decision_record import DecisionRecord
from support.builders import a_decision_record
from support.databases import Store, connected, ledger_at, locked, recovery

_SLEEPY = """
CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END';
CREATE TRIGGER sleepy BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION sleep();
"""
_UNWILLING = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not accepted'; END $$;
CREATE TRIGGER unwilling BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse();
"""
_DAMAGED = """
SET session_replication_role = replica;
UPDATE decisions SET document = '{"decided_by": "a later release"}' WHERE decision_id = $1
"""


def a_claim(key: str) -> Claim:
    return Claim("broker", key, sha256(b"$10,000").digest())


async def recorded_of(store: Store, records: Sequence[DecisionRecord]) -> list[bool]:
    return [await store.archive.find(record.decision_id) is not None for record in records]


async def test_an_abandoned_statement_is_terminated_before_the_next(own_migrated_url: str) -> None:
    """As by default, the server does not check whether the client is still connected; it hangs on something other
    than a lock.
    """
    async with connected(own_migrated_url) as watcher:
        name = await watcher.fetchval("SELECT current_database()")
        await watcher.execute(f'ALTER DATABASE "{name}" SET client_connection_check_interval = 0')
        await watcher.execute(_SLEEPY)
        async with ledger_at(own_migrated_url, timeout=0.2) as ledger:
            for _ in range(6):
                with pytest.raises(CommitUnconfirmed):
                    await ledger.record(a_decision_record())
                await asyncio.sleep(0.1)
            at_it = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event = 'PgSleep'"
            assert await watcher.fetchval(at_it, name) <= 1


async def test_a_decision_that_was_not_sent_is_known_to_be_unrecorded(
    migrated_url: str, postgres_store: Store
) -> None:
    async with ledger_at(migrated_url, timeout=0.4, max_batch=1) as ledger:
        await ledger.record(a_decision_record())
        async with locked(migrated_url):
            records = [a_decision_record(), a_decision_record()]
            outcomes = await asyncio.gather(*map(ledger.record, records), return_exceptions=True)
        assert [type(each) for each in outcomes] == [CommitUnconfirmed, LedgerUnavailable]
        await recovery(ledger)
    assert not (await recorded_of(postgres_store, records))[1]


async def test_an_expired_decision_is_not_written_later(migrated_url: str, postgres_store: Store) -> None:
    async with ledger_at(migrated_url, timeout=0.4) as ledger:
        await ledger.record(a_decision_record())
        records = [a_decision_record() for _ in range(3)]
        async with locked(migrated_url):
            outcomes = await asyncio.gather(*map(ledger.record, records), return_exceptions=True)
            await asyncio.sleep(0.2)  # the last attempt ends
        assert [type(each) for each in outcomes] == [CommitUnconfirmed] * 3
        await recovery(ledger)
    assert await recorded_of(postgres_store, records) == [False] * 3


async def test_a_short_lock_fails_no_decision(migrated_url: str, postgres_store: Store) -> None:
    async with ledger_at(migrated_url, timeout=2.0) as ledger:
        await ledger.record(a_decision_record())
        records = [a_decision_record() for _ in range(3)]
        async with locked(migrated_url):
            recording = asyncio.gather(*map(ledger.record, records))
            await asyncio.sleep(0.8)  # longer than a batch waits for a lock
        await recording
    assert await recorded_of(postgres_store, records) == [True] * 3
    assert await postgres_store.violations() == []


@asynccontextmanager
async def held_keys(url: str, *claims: Claim) -> AsyncIterator[None]:
    """Another transaction that holds these keys, uncommitted, until the end of the block."""
    async with connected(url) as connection:
        transaction = connection.transaction()
        await transaction.start()
        for claim in claims:
            await connection.execute(
                "INSERT INTO idempotency_keys (actor, key, fingerprint, subject) "
                "SELECT $1, $2, $3, gen_random_uuid()",
                *(claim.actor, claim.key, claim.fingerprint),
            )
        try:
            yield
        finally:
            await transaction.rollback()


async def test_a_key_held_by_another_transaction_does_not_block_other_requests(
    migrated_url: str, postgres_store: Store
) -> None:
    held, free, plain = (a_decision_record() for _ in range(3))
    claim = a_claim("held")
    async with ledger_at(migrated_url) as ledger:
        await ledger.record(a_decision_record())
        async with held_keys(migrated_url, claim), asyncio.timeout(3):
            outcomes = await asyncio.gather(
                ledger.record_once(held, claim),
                ledger.record_once(free, a_claim("free")),
                ledger.record(plain),
                return_exceptions=True,
            )
        assert [type(outcome) for outcome in outcomes] == [LedgerUnavailable, DecisionRecord, type(None)]
        assert await ledger.record_once(held, claim) == held
    assert await recorded_of(postgres_store, [held, free, plain]) == [True] * 3
    assert await postgres_store.violations() == []


async def test_held_keys_do_not_delay_the_other_decisions_of_their_batch(
    migrated_url: str, postgres_store: Store
) -> None:
    records = [a_decision_record() for _ in range(32)]
    claims = [a_claim(f"key-{number}") if number % 4 else None for number in range(32)]
    async with ledger_at(migrated_url) as ledger:
        await ledger.record_each([(a_decision_record(), a_claim("first"))])
        async with held_keys(migrated_url, a_claim("key-5"), a_claim("key-30")), asyncio.timeout(1):
            outcomes = await ledger.record_each(list(zip(records, claims, strict=True)))
    kinds = [KeyHeld if number in {5, 30} else DecisionRecord for number in range(32)]
    assert [type(outcome) for outcome in outcomes] == kinds
    assert await recorded_of(postgres_store, records) == [kind is DecisionRecord for kind in kinds]
    assert await postgres_store.violations() == []


async def test_a_single_decision_waits_for_its_key(migrated_url: str, postgres_store: Store) -> None:
    record = a_decision_record()
    async with ledger_at(migrated_url) as ledger:
        async with held_keys(migrated_url, a_claim("held")):
            waiting = asyncio.create_task(ledger.record_once(record, a_claim("held")))
            await asyncio.sleep(0.2)
            await ledger.record(a_decision_record())
            assert not waiting.done()
        assert await waiting == record


async def test_closing_the_ledger_rejects_a_decision_that_waits_for_its_key(migrated_url: str) -> None:
    async with held_keys(migrated_url, a_claim("held")):
        async with ledger_at(migrated_url) as ledger:
            waiting = asyncio.create_task(ledger.record_once(a_decision_record(), a_claim("held")))
            await asyncio.sleep(0.1)
        with pytest.raises(LedgerUnavailable, match="closed"):
            await waiting


async def test_an_unreadable_first_decision_affects_its_caller_only(
    migrated_url: str, postgres_store: Store
) -> None:
    first, free, plain = (a_decision_record() for _ in range(3))
    await postgres_store.ledger.record_once(first, a_claim("old"))
    async with connected(migrated_url) as connection:
        for statement in _DAMAGED.split(";"):
            await connection.execute(statement, *([first.decision_id] if "$1" in statement else []))
    async with ledger_at(migrated_url) as ledger:
        for _ in range(2):
            outcomes = await asyncio.gather(
                ledger.record_once(a_decision_record(), a_claim("old")),
                ledger.record_once(free, a_claim("free")),
                return_exceptions=True,
            )
            assert [type(each) for each in outcomes] == [OriginalResponseUnavailable, DecisionRecord]
        await ledger.record(plain)
    assert await recorded_of(postgres_store, [free, plain]) == [True] * 2


async def test_a_record_that_cannot_be_encoded_fails_alone(migrated_url: str, postgres_store: Store) -> None:
    odd = a_decision_record(received_through=object())
    records = [a_decision_record() for _ in range(3)]
    async with ledger_at(migrated_url) as ledger:
        outcomes = await ledger.record_each([(record, None) for record in [odd, *records]])
    assert [type(each) for each in outcomes] == [TypeError, *[DecisionRecord] * 3]
    assert await recorded_of(postgres_store, [odd, *records]) == [False, *[True] * len(records)]


async def test_a_record_that_cannot_be_prepared_fails_alone(
    migrated_url: str, postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, *others = records = [a_decision_record() for _ in range(4)]

    def faulty(some: Any) -> Any:
        some = list(some)
        if odd in some:
            raise TypeError("a defect")
        return search_values(some)

    monkeypatch.setattr(chained_writer, "search_values", faulty)
    async with ledger_at(migrated_url) as ledger:
        outcomes = await asyncio.gather(*map(ledger.record, records), return_exceptions=True)
    assert [type(each) for each in outcomes] == [TypeError, *[type(None)] * 3]
    assert await recorded_of(postgres_store, records) == [False, *[True] * len(others)]


async def test_a_batch_refused_by_the_server_is_logged_with_its_error(
    own_migrated_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(own_migrated_url) as connection:
        await connection.execute(_UNWILLING)
    async with ledger_at(own_migrated_url) as ledger:
        with pytest.raises(LedgerUnavailable) as raised:
            await ledger.record(a_decision_record())
    assert type(raised.value) is LedgerUnavailable
    (logged,) = [each for each in caplog.records if "not confirmed" in each.message]
    assert logged.message == "1 decisions were not confirmed (RaiseError)"
    assert logged.exc_info


async def test_a_read_only_database_is_unavailable(own_migrated_url: str) -> None:
    async with connected(own_migrated_url) as connection:
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    async with ledger_at(own_migrated_url) as ledger:
        with pytest.raises(DependencyUnavailable, match="no writer is connected"):
            await LedgerDependency(ledger).check()
        with pytest.raises(LedgerUnavailable) as raised:
            await ledger.record(a_decision_record())
        assert type(raised.value) is LedgerUnavailable
        with pytest.raises(DependencyUnavailable):
            await LedgerDependency(ledger).check()
        async with connected(own_migrated_url) as connection:
            await connection.execute("SET default_transaction_read_only = off")
            await connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        await recovery(ledger)
        await LedgerDependency(ledger).check()


async def test_a_failed_writer_is_replaced(
    migrated_url: str, postgres_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    counted: list[int] = []

    def count(waited: Sequence[float], seconds: float) -> None:
        counted.append(len(waited))
        if len(counted) == 1:
            raise ZeroDivisionError

    async with ledger_at(migrated_url, on_commit=count) as ledger:
        await ledger.record(a_decision_record())
        await ledger.record(a_decision_record())
    assert counted == [1, 1]
    assert "a ledger writer failed and is replaced" in caplog.text
    assert await postgres_store.violations() == []
