"""Events in the audit trail on PostgreSQL share the transaction of their change, and changes are detected."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.audit_events import EventChain, PostgresAuditEvents
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.migrations import migrate
from adapters.persistence.database.privileges import API
from adapters.persistence.database.service_roles import grant_privileges
from adapters.persistence.database.tables import audit_entries
from adapters.persistence.decisions import chained_writer
from adapters.persistence.decisions.decision_rows import SEARCH_COLUMNS
from adapters.persistence.decisions.recording import record_statement
from application.ports.audit.audit_events import EventRefused
from domain.applications.application_identity import NO_IDENTITY
from domain.audit.event import EventKind, RecordedEvent
from domain.month import Month
from support.builders import A_MOMENT, a_decision_record
from support.databases import Store, a_login, connected, ledger_at
from support.engines import execute

WITHOUT_ENTRY = "it has no audit entry: it was inserted directly, or its entry was removed"

DIGESTS = "SELECT digest FROM audit_entries ORDER BY chain, sequence"


def an_event(kind: EventKind = EventKind.USER_ADDED, **details: str) -> RecordedEvent:
    return RecordedEvent(uuid4(), A_MOMENT, "os:marta", kind, details or {"user": "olga"})


@pytest.fixture
async def engine(migrated_url: str) -> AsyncIterator[AsyncEngine]:
    engine = database_engine(migrated_url)
    yield engine
    await engine.dispose()


async def places(store: Store) -> list[tuple[str, str]]:
    return [(one.place, one.why) for one in await store.violations()]


def tamper(url: str, statement: str) -> None:
    execute(url, f"SET session_replication_role = replica; {statement}")


@pytest.fixture
async def three_events(engine: AsyncEngine) -> UUID:
    """Record three events; returns the identifier of the second."""
    events = PostgresAuditEvents(engine)
    recorded = [an_event(user=name) for name in ("olga", "ben", "arthur")]
    for event in recorded:
        await events.record_event(event)
    return recorded[1].event_id


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE recorded_events SET document = replace(document, 'ben', 'eve')", "was altered"),
        ("UPDATE recorded_events SET document = ''", "was altered"),
        ("UPDATE recorded_events SET kind = 'user removed'", "is missing"),
        ("DELETE FROM recorded_events", "is missing"),
    ],
)
async def test_a_changed_or_removed_event_is_detected(
    migrated_url: str, postgres_store: Store, three_events: UUID, change: str, why: str
) -> None:
    tamper(migrated_url, f"{change} WHERE event_id = '{three_events}'")
    ((place, message),) = await places(postgres_store)
    assert re.fullmatch(f"entry 2 of chain .*, event {three_events}", place)
    assert message == f"the record {why}"


async def test_an_inserted_event_without_entry_is_detected(
    migrated_url: str, postgres_store: Store, three_events: UUID
) -> None:
    inserted = uuid4()
    tamper(
        migrated_url,
        f"INSERT INTO recorded_events SELECT '{inserted}', kind, document FROM recorded_events LIMIT 1",  # noqa: S608 - a test's own text
    )
    assert await places(postgres_store) == [(f"event {inserted}", WITHOUT_ENTRY)]


async def test_a_removed_event_does_not_count_as_archived(
    migrated_url: str, postgres_store: Store, engine: AsyncEngine
) -> None:
    """Only decisions can be archived, so an archived month does not excuse a missing event."""
    month = Month.of(A_MOMENT)
    time_ordered = UUID(int=int(A_MOMENT.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)  # version 7, RFC variant
    event = RecordedEvent(time_ordered, A_MOMENT, "os:marta", EventKind.USER_REMOVED)
    assert Month.of_identifier(event.event_id) == month
    await PostgresAuditEvents(engine).record_event(event)
    tamper(migrated_url, "DELETE FROM recorded_events")
    found = await postgres_store.verify(archived=[month])
    assert [one.why for one in found.violations] == ["the record is missing"]


async def test_a_decision_does_not_count_as_the_event_of_an_entry(
    migrated_url: str, postgres_store: Store, engine: AsyncEngine
) -> None:
    record = a_decision_record()
    await postgres_store.ledger.record(record)
    event = RecordedEvent(record.decision_id, A_MOMENT, "os:marta", EventKind.USER_ADDED)
    await PostgresAuditEvents(engine).record_event(event)
    assert await places(postgres_store) == []
    tamper(migrated_url, "DELETE FROM recorded_events")
    assert [why for _, why in await places(postgres_store)] == ["the record is missing"]


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET kind = kind"])
async def test_events_cannot_be_changed_or_deleted(migrated_url: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        async with connected(migrated_url) as connection:
            await connection.execute(statement.format("recorded_events"))


async def test_an_event_shares_the_transaction_of_its_change(postgres_store: Store, engine: AsyncEngine) -> None:
    chain, kept = EventChain(), an_event(user="kept")
    for event in (an_event(user="first"), an_event(user="rolled back"), kept):
        async with engine.connect() as connection, connection.begin() as transaction:
            await chain.append(connection, event)
            if event.details["user"] == "rolled back":
                await transaction.rollback()
    entries = [entry async for entry, _ in postgres_store.trail.entries()]
    assert [entry.sequence for entry in entries] == [1, 2]
    assert entries[1].subject == kept.event_id
    assert await places(postgres_store) == []


async def test_concurrent_transactions_of_a_process_leave_one_chain(
    postgres_store: Store, engine: AsyncEngine
) -> None:
    events = PostgresAuditEvents(engine)
    await asyncio.gather(*(events.record_event(an_event(user=f"user {number}")) for number in range(20)))
    found = await postgres_store.verify()
    assert (found.chains, found.entries, found.violations) == (1, 20, ())


async def test_two_processes_have_separate_chains(postgres_store: Store, engine: AsyncEngine) -> None:
    replicas = [PostgresAuditEvents(engine) for _ in range(2)]
    await asyncio.gather(*(replicas[number % 2].record_event(an_event()) for number in range(10)))
    found = await postgres_store.verify()
    assert (found.chains, found.entries, found.violations) == (2, 10, ())


@pytest.mark.parametrize("ahead", [1, 2**62, 2**63 - 2])
async def test_an_entry_of_another_writer_does_not_end_recording(
    postgres_store: Store, engine: AsyncEngine, ahead: int
) -> None:
    events = PostgresAuditEvents(engine)
    await events.record_event(an_event())
    (entry,) = [entry async for entry, _ in postgres_store.trail.entries()]
    row = {column.name: getattr(entry, column.name) for column in audit_entries.columns}
    async with engine.begin() as connection:
        await connection.execute(insert(audit_entries).values(row | {"sequence": 1 + ahead, "subject": uuid4()}))
    for _ in range(2):
        await events.record_event(an_event())
    found = await postgres_store.verify()
    assert found.events == 4
    assert found.chains == (1 if ahead == 1 else 2)  # nothing is recorded after a gap
    assert {(one.chain, one.sequence) for one in found.violations} == {(entry.chain, 1 + ahead)}


async def test_the_service_can_add_events_and_a_reader_cannot(migrated_url: str) -> None:
    await grant_privileges(migrated_url)
    with (
        a_login(migrated_url, f"IN ROLE {API}") as writers,
        a_login(migrated_url, "IN ROLE pg_read_all_data") as readers,
    ):
        writer = database_engine(writers)
        await PostgresAuditEvents(writer).record_event(an_event())
        await writer.dispose()
        reader = database_engine(readers)
        with pytest.raises(EventRefused, match="may not add to the audit trail"):
            await PostgresAuditEvents(reader).record_event(an_event())
        await reader.dispose()


async def test_a_trail_from_before_events_still_verifies(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same entries and checkpoints as in the release before, in this release's tables."""
    await migrate(database_url, "0008")
    columns = [column for column in SEARCH_COLUMNS if not column.nullable or column.name == "purpose"]
    monkeypatch.setattr(chained_writer, "RECORD", record_statement(columns))  # as that release recorded
    async with ledger_at(database_url) as ledger:
        for _ in range(3):
            await ledger.record(a_decision_record(identity=NO_IDENTITY, trial=False))
    engine = database_engine(database_url)
    store = Store.in_postgres(ledger, engine)
    async with connected(database_url) as connection:
        before = [row["digest"] for row in await connection.fetch(DIGESTS)]
    await store.checkpoint()
    await migrate(database_url)
    found = await store.verify()
    assert (found.entries, found.events, found.checkpoints, found.violations) == (3, 0, 1, ())
    assert [entry.digest async for entry, _ in store.trail.entries()] == before
    await store.checkpoint()
    await engine.dispose()
