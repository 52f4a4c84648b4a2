"""The audit trail in PostgreSQL, read from end to end in flat memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, Uuid, bindparam, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import audit_entries, decisions, recorded_events
from adapters.persistence.decisions.decision_rows import SEARCH_COLUMNS, audited_document
from application.ports.audit.audit_trail import AuditTrail
from domain.audit.entry import DECISION_RECORDED, AuditEntry

_AT_A_TIME = 1000
_COUNT = len(audit_entries.columns)
_PLACE = (audit_entries.c.chain, audit_entries.c.sequence)
_NEXT = (
    select(audit_entries, decisions.c.document, *SEARCH_COLUMNS)
    .join(decisions, decisions.c.decision_id == audit_entries.c.subject, isouter=True)
    .where(tuple_(*_PLACE) > tuple_(bindparam("chain", type_=Uuid), bindparam("sequence", type_=BigInteger)))
    .order_by(*_PLACE)
    .limit(_AT_A_TIME)
)
_UNVOUCHED = select(decisions.c.decision_id).where(
    ~exists().where(audit_entries.c.subject == decisions.c.decision_id)
)
_UNVOUCHED_EVENTS = select(recorded_events.c.event_id).where(
    ~exists().where(audit_entries.c.subject == recorded_events.c.event_id)
)


class PostgresAuditTrail(AuditTrail):
    """Reads a thousand at a time by key, all as it stood at one moment."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def entries(self) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        """Entries by chain and sequence, each with its document."""
        place = {"chain": UUID(int=0), "sequence": 0}
        async with transaction(self._engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
            while rows := (await connection.execute(_NEXT, place)).all():
                events = await _documents_of_events(connection, rows)
                for row in rows:
                    entry = AuditEntry(*row[:_COUNT])
                    if entry.action != DECISION_RECORDED:
                        yield entry, events.get((entry.subject, entry.action))
                    else:
                        yield entry, None if row.document is None else audited_document(row._mapping)
                place = {"chain": entry.chain, "sequence": entry.sequence}

    async def decisions_without_entry(self) -> AsyncIterator[UUID]:
        """Decisions without an entry, found in one statement: both are written in one transaction."""
        async with transaction(self._engine) as connection:
            async for decision_id in (await connection.stream(_UNVOUCHED)).scalars():
                yield decision_id

    async def events_without_entry(self) -> AsyncIterator[UUID]:
        """Events without an entry, likewise."""
        async with transaction(self._engine) as connection:
            async for event_id in (await connection.stream(_UNVOUCHED_EVENTS)).scalars():
                yield event_id


async def _documents_of_events(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> Mapping[tuple[UUID, str], bytes]:
    """The documents of the events that entries vouch for, by identifier and kind.

    An event of another kind than its entry says counts as missing.
    """
    subjects = [row.subject for row in rows if row.action != DECISION_RECORDED]
    if not subjects:
        return {}
    found = (
        await connection.execute(select(recorded_events).where(recorded_events.c.event_id.in_(subjects)))
    ).all()
    return {(row.event_id, row.kind): row.document.encode() for row in found}
