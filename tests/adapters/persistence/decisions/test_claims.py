"""Claims on several replicas: each finds decisions that another recorded, and other requests are not affected."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg
import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.claims import CachedClaims, FirstRecord
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from adapters.persistence.decisions.idempotency_keys import PostgresIdempotencyKeys
from application.ports.decisions.idempotency import Claim, IdempotencyKey, KeyReused, OriginalResponseUnavailable
from application.use_cases.decisions.request_content import claim_of
from domain.applications.application_identity import NO_IDENTITY
from domain.decisions.decision_record import DecisionRecord
from support.builders import a_decision_record, a_loan_application
from support.databases import Store
from support.paths import DECISION_OF_VERSION_0_1


def a_claim(key: str, request: str = "$10,000") -> Claim:
    return Claim("broker", key, sha256(request.encode()).digest())


async def query(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_concurrent_replicas_make_one_decision_per_key(migrated_url: str, postgres_store: Store) -> None:
    ledgers = [PostgresDecisionLedger(migrated_url, writers=2, max_batch=5) for _ in range(2)]
    for ledger in ledgers:
        await ledger.open()
    try:
        firsts = await asyncio.gather(
            *(
                ledgers[turn % 2].record_once(a_decision_record(), a_claim(f"key-{key}"))
                for turn in range(6)
                for key in (range(25) if turn % 2 else range(24, -1, -1))
            ),
            *(ledgers[turn % 2].record(a_decision_record()) for turn in range(30)),
        )
    finally:
        for ledger in ledgers:
            await ledger.close()
    assert len({first.decision_id for first in firsts if first is not None}) == 25
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 25 + 30
    assert await postgres_store.violations() == []


async def test_overlapping_batches_of_replicas_make_one_decision_per_key(
    migrated_url: str, postgres_store: Store
) -> None:
    ledgers = [PostgresDecisionLedger(migrated_url) for _ in range(3)]
    for ledger in ledgers:
        await ledger.open()
    keys = [f"key-{number}" for number in range(30)]
    orders = [keys, keys[::-1], keys[10:] + keys[:10]]
    try:
        outcomes = await asyncio.gather(
            *(
                ledger.record_each(
                    [(a_decision_record(), a_claim(key)) for key in order] + [(a_decision_record(), None)]
                )
                for ledger, order in zip(ledgers, orders, strict=True)
            )
        )
    finally:
        for ledger in ledgers:
            await ledger.close()
    by_key: dict[str, set[object]] = {key: set() for key in keys}
    for order, recorded in zip(orders, outcomes, strict=True):
        assert all(isinstance(outcome, DecisionRecord) for outcome in recorded)
        for key, outcome in zip(order, recorded, strict=False):
            by_key[key].add(getattr(outcome, "decision_id", None))
    assert {len(identifiers) for identifiers in by_key.values()} == {1}
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 30 + 3
    assert await postgres_store.violations() == []


async def test_a_key_outlives_the_process_that_claimed_it(migrated_url: str, postgres_store: Store) -> None:
    first = a_decision_record()
    await postgres_store.ledger.record_once(first, a_claim("key"))
    later = PostgresDecisionLedger(migrated_url)
    await later.open()
    try:
        results = await asyncio.gather(
            later.record_once(a_decision_record(), a_claim("key")),
            later.record_once(a_decision_record(), a_claim("key", "$20,000")),
            later.record(a_decision_record()),
            return_exceptions=True,
        )
    finally:
        await later.close()
    assert results[0] == first
    assert isinstance(results[1], KeyReused)
    assert results[2] is None


async def test_a_claim_its_decision_and_its_entry_share_a_transaction(
    migrated_url: str, postgres_store: Store
) -> None:
    await postgres_store.ledger.record_once(a_decision_record(), a_claim("key"))
    query_together = """
        SELECT count(*) FROM idempotency_keys
        JOIN decisions ON decision_id = idempotency_keys.subject
        JOIN audit_entries ON audit_entries.subject = decision_id
        WHERE idempotency_keys.xmin::text = decisions.xmin::text
        AND decisions.xmin::text = audit_entries.xmin::text
    """
    assert await query(migrated_url, query_together) == 1


async def test_a_key_can_be_deleted_but_not_changed(migrated_url: str, postgres_store: Store) -> None:
    await postgres_store.ledger.record_once(a_decision_record(), a_claim("key"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await query(migrated_url, "UPDATE idempotency_keys SET subject = gen_random_uuid()")
    await query(migrated_url, "DELETE FROM idempotency_keys WHERE created_at < now() + interval '1 second'")
    assert await query(migrated_url, "SELECT count(*) FROM idempotency_keys") == 0


async def test_a_purged_key_can_be_used_again(migrated_url: str, postgres_store: Store) -> None:
    first, second = a_decision_record(), a_decision_record()
    await postgres_store.ledger.record_once(first, a_claim("key"))
    engine = database_engine(migrated_url)
    assert await PostgresIdempotencyKeys(engine).purge(older_than=timedelta(), limit=10) == 1
    await engine.dispose()
    later = PostgresDecisionLedger(migrated_url)
    await later.open()
    try:
        assert await later.record_once(second, a_claim("key", "$20,000")) == second
    finally:
        await later.close()
    assert await postgres_store.archive.find(first.decision_id) == first
    assert await postgres_store.violations() == []


def test_the_cache_of_claims_is_limited() -> None:
    cached = CachedClaims(capacity=2)
    for key in ("a", "b", "c"):
        cached.keep(("broker", key), FirstRecord(bytes(32), UUID(int=0), None))
    assert cached.answer(a_claim("a")) is None
    assert cached.answer(a_claim("c")) is not None


def test_a_key_whose_decision_is_gone_is_reported() -> None:
    claim = a_claim("key")
    with pytest.raises(OriginalResponseUnavailable, match="no longer recorded"):
        FirstRecord(claim.fingerprint, UUID(int=0), None).answer(claim)
    with pytest.raises(OriginalResponseUnavailable, match="cannot be read by this release"):
        FirstRecord(claim.fingerprint, UUID(int=0), '{"decided_by": "a later release"}').answer(claim)


def test_a_key_claimed_before_products_were_data_stands_for_the_same_application() -> None:
    """The canonical form of an application changed with schema 2 of documents; keys are kept for days."""
    document = DECISION_OF_VERSION_0_1.read_bytes()
    decision_id = UUID("7b0c43a4-7d3e-7c7b-8a53-0d6a3a5f2b11")
    first = FirstRecord(sha256(b"the form before").digest(), decision_id, document)
    record = a_decision_record(application=a_loan_application(), identity=NO_IDENTITY)
    assert first.answer(claim_of(record, IdempotencyKey("key"))).decision_id == decision_id
    larger = a_loan_application(loan_amnt=12_000.26)
    other = claim_of(replace(record, application=larger), IdempotencyKey("key"))
    with pytest.raises(KeyReused):
        first.answer(other)
