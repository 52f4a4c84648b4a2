"""Each audit entry is handled exactly once, whatever happens while consumers follow the trail."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.audit.pending_entries import DECISION
from adapters.persistence.audit.trail_following import PostgresTrailConsumer
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.migrations import migrate
from domain.audit.entry import AuditEntry, ChainHead
from domain.audit.subject import DECISION_RECORDED
from entrypoints.periodic_tasks.tasks import FollowTrail
from support.builders import A_MOMENT, a_decision_record
from support.databases import Store, connected, ledger_at

SEEN = "CREATE TABLE IF NOT EXISTS seen (subject uuid)"


class Seeing(PostgresTrailConsumer):
    """Writes the subjects of decisions into a table without a key, so that a repetition would show."""

    name = "seeing"
    relevant = f"SELECT subject, requested_by FROM pending {DECISION} WHERE action = '{DECISION_RECORDED}'"  # noqa: S608 - our own text
    fails = False

    async def handle(self, connection: AsyncConnection, rows: Sequence[Any]) -> None:
        for row in rows:
            await connection.execute(text("INSERT INTO seen VALUES (:subject)"), {"subject": row.subject})
        if self.fails:
            raise RuntimeError("the consumer failed")


class Inserting(Seeing):
    """The same in one statement."""

    name = "inserting"
    relevant = "INSERT INTO seen SELECT subject FROM pending RETURNING subject"

    async def handle(self, connection: AsyncConnection, rows: Sequence[Any]) -> None:
        assert rows


@pytest.fixture(params=[Seeing, Inserting])
async def consumer(migrated_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Seeing]:
    engine = database_engine(migrated_url)
    async with connected(migrated_url) as connection:
        await connection.execute(SEEN)
    yield request.param(engine)
    await engine.dispose()
    async with connected(migrated_url) as connection:
        await connection.execute("DROP TABLE seen")


async def seen(url: str) -> list[UUID]:
    async with connected(url) as connection:
        return sorted(UUID(str(row["subject"])) for row in await connection.fetch("SELECT subject FROM seen"))


async def recorded(store: Any, count: int) -> list[UUID]:
    records = [a_decision_record() for _ in range(count)]
    for record in records:
        await store.record(record)
    return [record.decision_id for record in records]


def an_audit_chain(chain: UUID, length: int) -> Iterator[AuditEntry]:
    """Entries as the release before wrote them; this release's ledger needs its own tables."""
    head = ChainHead(chain)
    for _ in range(length):
        entry, head = head.append(
            at=A_MOMENT, actor="portal", action=DECISION_RECORDED, subject=uuid4(), document=b"{}"
        )
        yield entry


async def test_each_entry_is_handled_once_by_consumers_at_the_same_time(
    consumer: Seeing, migrated_url: str
) -> None:
    async with ledger_at(migrated_url) as one, ledger_at(migrated_url) as other:
        expected = [*await recorded(one, 5), *await recorded(other, 4)]
        assert await consumer.pending() == 9
        while await consumer.pending():
            await asyncio.gather(*(consumer.follow(3) for _ in range(3)))
        expected += await recorded(other, 2)
    await FollowTrail(consumer)()
    assert await consumer.follow(10) == 0
    assert await seen(migrated_url) == sorted(expected)


async def test_while_one_process_follows_another_does_not(
    consumer: Seeing, postgres_store: Store, migrated_url: str
) -> None:
    await recorded(postgres_store.ledger, 1)
    async with connected(migrated_url) as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(1905310281, hashtext($1))", consumer.name)
        assert await consumer.follow(10) is None
    assert await consumer.follow(10) == 1


async def test_what_fails_is_handled_again(migrated_url: str, postgres_store: Store) -> None:
    engine = database_engine(migrated_url)
    async with connected(migrated_url) as connection:
        await connection.execute(SEEN)
    expected = await recorded(postgres_store.ledger, 2)
    consumer = Seeing(engine)
    consumer.fails = True
    with pytest.raises(RuntimeError):
        await consumer.follow(10)
    assert (await seen(migrated_url), await consumer.pending()) == ([], 2)
    consumer.fails = False
    await consumer.follow(10)
    assert await seen(migrated_url) == sorted(expected)
    await engine.dispose()
    async with connected(migrated_url) as connection:
        await connection.execute("DROP TABLE seen")


async def test_archived_decisions_and_entries_beyond_a_gap_are_passed_over(
    consumer: Seeing, postgres_store: Store, migrated_url: str
) -> None:
    """Their decisions are no longer in the database; entries beyond a gap are not the service's."""
    await recorded(postgres_store.ledger, 2)
    async with connected(migrated_url) as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("DELETE FROM decisions")
        await connection.execute(
            "INSERT INTO audit_entries SELECT chain, sequence + 50, at, actor, action, subject, content_digest, "
            "previous, digest FROM audit_entries"
        )
    assert await consumer.follow(10) == 2
    expected = await recorded(postgres_store.ledger, 1)
    assert await consumer.follow(10) == 1
    assert expected[0] in await seen(migrated_url)


async def test_a_migrated_database_is_followed_from_its_present_end(database_url: str) -> None:
    """Decisions before the upgrade open no notice and send no event, also beside entries of a stranger."""
    await migrate(database_url, "0029")
    chain = uuid4()
    async with connected(database_url) as connection:
        for entry in an_audit_chain(chain, 3):
            values = [getattr(entry, each.name) for each in fields(entry)]
            await connection.execute(
                "INSERT INTO audit_entries VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *values
            )
        await connection.execute("INSERT INTO overview_positions VALUES ($1, 2)", chain)
        await connection.execute(
            "INSERT INTO audit_entries SELECT chain, sequence + 50, at, actor, action, subject, "
            "content_digest, previous, digest FROM audit_entries"
        )
    await migrate(database_url)
    async with connected(database_url) as connection:
        rows = await connection.fetch(
            "SELECT consumer, chain, length, began FROM trail_positions ORDER BY consumer"
        )
    assert [tuple(row) for row in rows] == [("notices", chain, 3, 3), ("webhooks", chain, 3, 3)]


async def test_an_empty_database_is_followed_from_its_first_entry(migrated_url: str) -> None:
    async with connected(migrated_url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM trail_positions") == 0
