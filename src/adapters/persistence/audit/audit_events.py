"""Events in PostgreSQL, each written with its audit entry in the transaction of the change it records."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import Executable, func, insert, select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.database.connections import InsufficientPrivileges, driver_error, transaction
from adapters.persistence.database.tables import audit_entries, recorded_events
from application.ports.audit.audit_events import AuditEvents, EventRefused
from domain.audit.entry import ChainHead
from domain.audit.event import RecordedEvent

_log = logging.getLogger(__name__)
_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]


class AuditedDocument(NamedTuple):
    """A document whose audit entry is to be written: who did which action when, and the document's identifier."""

    at: datetime
    actor: str
    action: str
    subject: UUID
    document: bytes


class EventChain:
    """This process's chain of events, and of actions on cases and applications.

    Its head is read from the database, so a rollback leaves no gap.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._chain = uuid4()
        self._committed = 0

    async def append(self, connection: Any, event: RecordedEvent) -> None:
        """Append an event and its audit entry in the transaction (READ COMMITTED) of a connection.

        The connection is one of SQLAlchemy or of asyncpg.

        Call it last in the transaction: other appends of this process wait until the transaction ends.
        """
        document = event.document()
        stored = {"event_id": event.event_id, "kind": event.kind.value, "document": document.decode()}
        await _rows(connection, insert(recorded_events).values(stored).returning(recorded_events.c.event_id))
        subject = AuditedDocument(event.at, event.actor, event.kind.value, event.event_id, document)
        await self.append_entries(connection, [subject])

    async def append_entries(self, connection: Any, subjects: Sequence[AuditedDocument]) -> None:
        """Append the audit entries of documents that the same transaction stores, as `append` does."""
        await _rows(connection, select(func.pg_advisory_xact_lock(self._chain.int >> 65)))
        head = await self._head(connection)
        for subject in subjects:
            entry, head = head.append(**subject._asdict())
            values = {name: getattr(entry, name) for name in audit_entries.columns.keys()}  # noqa: SIM118 - not a dict
            await _rows(connection, insert(audit_entries).values(values).returning(audit_entries.c.sequence))

    async def _head(self, connection: Any) -> ChainHead:
        """The chain's head, or a new chain's if another writer added an entry beyond a gap.

        Entries before the last one that was seen committed are not read again.
        """
        entries = audit_entries.c
        added = (entries.chain == self._chain) & (entries.sequence >= self._committed)
        counted = select(func.count()).where(added).scalar_subquery()
        last = select(entries.sequence, entries.digest, counted.label("counted")).where(added)
        rows = await _rows(connection, last.order_by(entries.sequence.desc()).limit(1))
        if not rows:
            if self._committed:  # removed by someone else, which verification reports
                self._begin()
            return ChainHead(self._chain)
        sequence, digest, count = rows[0]
        if sequence != count + max(self._committed - 1, 0):
            _log.error(
                "audit chain %s has an entry %d that this process did not write; events continue on a new chain. "
                "Find out who can write to the database, and run `scoring audit verify`.",
                self._chain,
                sequence,
            )
            self._begin()
            return ChainHead(self._chain)
        self._committed = sequence
        return ChainHead(self._chain, sequence, digest)


async def _rows(connection: Any, statement: Executable) -> Sequence[Any]:
    """The rows that a statement returns, on a connection of SQLAlchemy or of asyncpg."""
    if isinstance(connection, AsyncConnection):
        return (await connection.execute(statement)).all()
    compiled: Any = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
    values = [compiled.params[name] for name in compiled.positiontup]
    rows: Sequence[Any] = await connection.fetch(compiled.string, *values)
    return rows


class PostgresAuditEvents(AuditEvents):
    """Records events that belong to no other change, each in its own transaction."""

    def __init__(self, engine: AsyncEngine, events: EventChain | None = None) -> None:
        self._engine = engine
        self._events = events or EventChain()

    async def record_event(self, event: RecordedEvent) -> None:
        async with refusing(), transaction(self._engine) as connection:
            await self._events.append(connection, event)


@asynccontextmanager
async def refusing() -> AsyncIterator[None]:
    """Raise EventRefused where the database accepts no event."""
    try:
        yield
    except InsufficientPrivileges as fault:
        raise EventRefused(f"the database user may not add to the audit trail ({fault})") from fault
    except DBAPIError as fault:
        cause = driver_error(fault)
        if isinstance(cause, asyncpg.ReadOnlySQLTransactionError | asyncpg.UndefinedTableError):
            raise EventRefused(f"the database accepts no entry of the audit trail ({cause})") from fault
        raise
