"""The audit trail in PostgreSQL, read from end to end in constant memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, Uuid, bindparam, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import audit_entries, decisions, recorded_events
from adapters.persistence.decisions.decision_rows import AUDITED_DOCUMENT, SEARCH_COLUMNS, audited_document
from application.ports.audit.audit_trail import AuditTrail
from domain.audit.entry import DECISION_RECORDED, AuditEntry

_PAGE_SIZE = 1000
_ENTRY_COLUMNS = len(audit_entries.columns)
_POSITION = (audit_entries.c.chain, audit_entries.c.sequence)
_NEXT_PAGE = (
    select(audit_entries, AUDITED_DOCUMENT, *SEARCH_COLUMNS)
    .join(decisions, decisions.c.decision_id == audit_entries.c.subject, isouter=True)
    .where(tuple_(*_POSITION) > tuple_(bindparam("chain", type_=Uuid), bindparam("sequence", type_=BigInteger)))
    .order_by(*_POSITION)
    .limit(_PAGE_SIZE)
)
_DECISIONS_WITHOUT_ENTRY = select(decisions.c.decision_id).where(
    ~exists().where(audit_entries.c.subject == decisions.c.decision_id)
)
_EVENTS_WITHOUT_ENTRY = select(recorded_events.c.event_id).where(
    ~exists().where(audit_entries.c.subject == recorded_events.c.event_id)
)


class PostgresAuditTrail(AuditTrail):
    """Reads a thousand entries at a time by key, all from one snapshot."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def entries(self) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        """Entries ordered by chain and sequence, each with its document."""
        position = {"chain": UUID(int=0), "sequence": 0}
        async with transaction(self._engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
            while rows := (await connection.execute(_NEXT_PAGE, position)).all():
                events = await _event_documents(connection, rows)
                for row in rows:
                    entry = AuditEntry(*row[:_ENTRY_COLUMNS])
                    if entry.action != DECISION_RECORDED:
                        yield entry, events.get((entry.subject, entry.action))
                    else:
                        yield entry, None if row.document is None else audited_document(row._mapping)
                position = {"chain": entry.chain, "sequence": entry.sequence}

    async def decisions_without_entry(self) -> AsyncIterator[UUID]:
        """Decisions without an entry, found by one statement, since both are written in one transaction."""
        async with transaction(self._engine) as connection:
            async for decision_id in (await connection.stream(_DECISIONS_WITHOUT_ENTRY)).scalars():
                yield decision_id

    async def events_without_entry(self) -> AsyncIterator[UUID]:
        """Events without an entry."""
        async with transaction(self._engine) as connection:
            async for event_id in (await connection.stream(_EVENTS_WITHOUT_ENTRY)).scalars():
                yield event_id


async def _event_documents(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> Mapping[tuple[UUID, str], bytes]:
    """The documents of these entries' events, by identifier and kind.

    An event whose kind differs from its entry's action counts as missing.
    """
    subjects = [row.subject for row in rows if row.action != DECISION_RECORDED]
    if not subjects:
        return {}
    found = (
        await connection.execute(select(recorded_events).where(recorded_events.c.event_id.in_(subjects)))
    ).all()
    return {(row.event_id, row.kind): row.document.encode() for row in found}
