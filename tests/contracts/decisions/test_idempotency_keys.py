"""The contract of every idempotency key store about purging."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.idempotency_keys import PostgresIdempotencyKeys
from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.decisions.decision_ledger import DecisionLedger
from application.ports.decisions.idempotency import Claim
from application.ports.decisions.idempotency_keys import IdempotencyKeys
from application.use_cases.decisions.purge_idempotency_keys import PurgeIdempotencyKeys
from domain.decisions.decision_record import DecisionRecord
from support.builders import a_decision_record
from support.databases import Store
from support.memory.decisions import MemoryDecisions

AT_ALL = timedelta()
AN_HOUR = timedelta(hours=1)


@dataclass
class KeyStore:
    """Recorded decisions and their idempotency keys."""

    ledger: DecisionLedger
    archive: DecisionArchive
    keys: IdempotencyKeys

    async def decide(self, count: int) -> list[DecisionRecord]:
        """Record decisions, each with its own key."""
        claims = [Claim("broker", f"key-{number}", sha256(b"$10,000").digest()) for number in range(count)]
        return [await self.ledger.record_once(a_decision_record(), claim) for claim in claims]


@pytest.fixture
async def postgres_key_store(migrated_url: str, postgres_store: Store) -> AsyncIterator[KeyStore]:
    engine = database_engine(migrated_url)
    yield KeyStore(postgres_store.ledger, postgres_store.archive, PostgresIdempotencyKeys(engine))
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def key_store(request: pytest.FixtureRequest) -> KeyStore:
    if request.param == "memory":
        memory = MemoryDecisions()
        return KeyStore(memory, memory, memory)
    found: KeyStore = request.getfixturevalue("postgres_key_store")
    return found


async def test_recent_keys_are_not_purged(key_store: KeyStore) -> None:
    await key_store.decide(3)
    assert await key_store.keys.purge(older_than=AN_HOUR, limit=10) == 0
    assert await key_store.keys.purge(older_than=AT_ALL, limit=10) == 3


async def test_no_more_keys_are_purged_than_the_limit(key_store: KeyStore) -> None:
    await key_store.decide(5)
    assert [await key_store.keys.purge(older_than=AT_ALL, limit=2) for _ in range(4)] == [2, 2, 1, 0]


async def test_the_decision_of_a_purged_key_remains(key_store: KeyStore) -> None:
    records = await key_store.decide(2)
    await key_store.keys.purge(older_than=AT_ALL, limit=10)
    assert [await key_store.archive.find(record.decision_id) for record in records] == records


async def test_concurrent_purges_neither_fail_nor_count_twice(key_store: KeyStore) -> None:
    await key_store.decide(40)
    rounds = [await asyncio.gather(*(key_store.keys.purge(older_than=AT_ALL, limit=9) for _ in range(4)))]
    while sum(rounds[-1]):
        rounds.append(await asyncio.gather(*(key_store.keys.purge(older_than=AT_ALL, limit=9) for _ in range(4))))
    assert sum(map(sum, rounds)) == 40


class ManyKeys(IdempotencyKeys):
    """An unlimited number of old keys."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.ages: list[timedelta] = []

    async def purge(self, *, older_than: timedelta, limit: int) -> int:
        self.ages.append(older_than)
        purged = min(self.left, limit)
        self.left -= purged
        return purged


@pytest.mark.parametrize(("old", "purged", "times"), [(0, 0, 1), (1_000, 1_000, 2), (2_500, 2_500, 3)])
async def test_keys_are_purged_in_steps(old: int, purged: int, times: int) -> None:
    keys = ManyKeys(old)
    assert await PurgeIdempotencyKeys(keys, AN_HOUR)() == purged
    assert keys.ages == [AN_HOUR] * times


async def test_a_run_purges_a_limited_number_of_keys() -> None:
    keys = ManyKeys(100_500)
    assert await PurgeIdempotencyKeys(keys, AN_HOUR)() == 100_000
    assert await PurgeIdempotencyKeys(keys, AN_HOUR)() == 500
