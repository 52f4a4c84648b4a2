"""The migration that partitions decisions by month: no decision is lost by the upgrade or the downgrade."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.persistence.database.migrations import migrate, roll_back
from adapters.persistence.decisions import bulk, chained_writer
from adapters.persistence.decisions.decision_rows import SEARCH_COLUMNS
from adapters.persistence.decisions.recording import record_statement
from adapters.system import TimeOrderedIdentifiers
from application.ports.audit.audit_trail import AuditTrail
from domain.audit.entry import AuditEntry, ChainHead
from domain.audit.subject import SubjectKind
from domain.decisions.decision_record import DecisionRecord
from domain.month import Month
from support.builders import a_decision_record, an_identifier
from support.databases import Store, connected, postgres_store_at
from support.engines import execute

BEFORE, AFTER = "0005", "0006"
NOW = datetime.now(UTC)
LONG_AGO, NEXT_YEAR = NOW - timedelta(days=700), NOW + timedelta(days=400)
NEXT_MONTH = Month.of(NOW).later(1)
IDENTIFIERS = {
    an_identifier(LONG_AGO): "decisions_before",
    TimeOrderedIdentifiers().new(): "decisions_before",
    UUID(int=0): "decisions_before",
    an_identifier(datetime(NEXT_MONTH.year, NEXT_MONTH.number, 9, tzinfo=UTC)): (
        f"decisions_{NEXT_MONTH.year}_{NEXT_MONTH.number:02}"
    ),
    an_identifier(NEXT_YEAR): "decisions_default",
    UUID(int=uuid4().int | 1 << 127): "decisions_default",
    UUID(int=2**128 - 1): "decisions_default",
}
"""Where decisions that were there before the migration lie after it."""


LATER_COLUMNS = [
    f"ADD COLUMN {name} {'boolean' if name == 'trial' else 'text'}"
    for name in ("application_reference", "applicant_reference", "source", "caller_channel", "trial")
]


@pytest.fixture(autouse=True)
def statements_of_the_release_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record decisions with their audit entries only: that release had no table of cases."""
    statement = record_statement(SEARCH_COLUMNS)
    for module in (bulk, chained_writer):
        monkeypatch.setattr(module, "RECORD", statement)


async def migrate_before(url: str) -> None:
    """Migrate to the schema before, with the columns that this release records and verifies."""
    await migrate(url, BEFORE)
    async with connected(url) as connection:
        await connection.execute(f"ALTER TABLE decisions {', '.join(LATER_COLUMNS)}")


@asynccontextmanager
async def recorded(url: str) -> AsyncIterator[tuple[Store, list[DecisionRecord]]]:
    """A store with decisions made in several months, and some with strange identifiers."""
    async with postgres_store_at(url) as store:
        records = [a_decision_record(decision_id=each) for each in IDENTIFIERS]
        await store.ledger.record_all(records)
        await store.checkpoint()
        yield replace(store, trail=TrailBeforeEvents(store.trail, url)), records


@dataclass(frozen=True)
class TrailBeforeEvents(AuditTrail):
    """The trail in a database of a release that knew no events."""

    trail: AuditTrail
    url: str

    def entries(self) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        return self.trail.entries()

    def entries_after(self, heads: Collection[ChainHead]) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        return self.trail.entries_after(heads)

    async def changed_heads(self, heads: Collection[ChainHead]) -> Sequence[ChainHead]:
        return await self.trail.changed_heads(heads)

    async def subjects_without_entry(
        self,
        *,
        since: datetime | None = None,
    ) -> AsyncIterator[tuple[SubjectKind, UUID]]:
        query = "SELECT decision_id FROM decisions WHERE decision_id NOT IN (SELECT subject FROM audit_entries)"
        async with connected(self.url) as connection:
            for row in await connection.fetch(query):
                yield SubjectKind.DECISION, row["decision_id"]

    def subjects_with_several_entries(
        self, *, since: datetime | None = None
    ) -> AsyncIterator[tuple[SubjectKind, UUID]]:
        return self.trail.subjects_with_several_entries(since=since)


async def whole(store: Store, records: list[DecisionRecord]) -> None:
    """All are on record, each once, as they were; and the audit trail holds."""
    for record in records:
        assert await store.archive.find(record.decision_id) == record
    verification = await store.verify()
    assert (verification.entries, verification.violations) == (len(records), ())


async def fetch(url: str, question: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(question)]
    finally:
        await connection.close()


async def test_recorded_decisions_are_partitioned_and_merged_again(database_url: str) -> None:
    await migrate_before(database_url)
    async with recorded(database_url) as (store, records):
        for _ in range(2):
            await migrate(database_url, AFTER)
            await whole(store, records)
            where = "SELECT decision_id, tableoid::regclass::text FROM decisions"
            assert dict(await fetch(database_url, where)) == IDENTIFIERS
            await roll_back(database_url, BEFORE)
            await whole(store, records)
            assert await fetch(database_url, "SELECT FROM pg_class WHERE relname ~ '^decisions_[2bd]'") == []


async def test_migrated_decisions_still_cannot_be_changed(database_url: str) -> None:
    await migrate_before(database_url)
    async with recorded(database_url):
        for table in ("decisions", "decisions_before", "decisions_default"):
            if table == "decisions_before":
                await migrate(database_url, AFTER)
            await refuses(database_url, table)
        await roll_back(database_url, BEFORE)
        await refuses(database_url, "decisions")


async def refuses(url: str, table: str) -> None:
    for statement in ("DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET channel = 'web'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"{table} is append-only"):
            await fetch(url, statement.format(table))


async def test_a_replica_keeps_writing_during_the_migration(database_url: str) -> None:
    """During a release the older version's replicas meet the newer one's database."""
    await migrate_before(database_url)
    async with recorded(database_url) as (store, records):
        for step in (migrate(database_url, AFTER), roll_back(database_url, BEFORE)):
            under_way = asyncio.create_task(step)
            further = 10
            while further:
                record = a_decision_record(decision_id=TimeOrderedIdentifiers().new())
                await store.ledger.record(record)
                records.append(record)
                further -= under_way.done()
            await under_way
        await whole(store, records)


async def test_privileges_to_read_decisions_survive_the_migration(database_url: str) -> None:
    await migrate_before(database_url)
    reporter = f"reporter_{uuid4().hex}"
    execute(database_url, f"CREATE ROLE {reporter}")
    execute(database_url, f"GRANT SELECT ON decisions TO {reporter}")
    rights = (
        "SELECT relname FROM pg_class WHERE relname ~ '^decisions' AND relkind IN ('r', 'p') "  # noqa: S608 - as below
        f"AND has_table_privilege('{reporter}', oid, 'SELECT')"
    )
    try:
        async with recorded(database_url):
            await migrate(database_url, AFTER)
            assert await fetch(database_url, rights) == [("decisions",)]
            await roll_back(database_url, BEFORE)
            assert await fetch(database_url, rights) == [("decisions",)]
    finally:
        execute(database_url, f"DROP OWNED BY {reporter}; DROP ROLE {reporter}")


async def test_the_migration_gives_way_to_a_long_read(database_url: str) -> None:
    await migrate_before(database_url)
    async with recorded(database_url) as (store, records):
        reader = await asyncpg.connect(database_url)
        async with reader.transaction():
            await reader.fetch("SELECT count(*) FROM decisions")
            with pytest.raises(Exception, match="lock timeout"):
                await migrate(database_url, AFTER)
        await reader.close()
        await whole(store, records)
        await migrate(database_url, AFTER)
        await whole(store, records)
