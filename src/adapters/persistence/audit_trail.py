"""The audit trail in PostgreSQL, read from end to end in flat memory."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.connections import using
from adapters.persistence.decision_rows import SEARCHED, document_of
from adapters.persistence.tables import audit_entries, decisions
from application.ports.audit_trail import AuditTrail
from domain.audit.entry import AuditEntry

_AT_A_TIME = 1000
_COUNT = len(audit_entries.columns)
_PLACE = (audit_entries.c.chain, audit_entries.c.sequence)
_NEXT = (
    select(audit_entries, decisions.c.document, *SEARCHED)
    .join(decisions, decisions.c.decision_id == audit_entries.c.subject, isouter=True)
    .where(tuple_(*_PLACE) > tuple_(bindparam("chain", type_=Uuid), bindparam("sequence", type_=BigInteger)))
    .order_by(*_PLACE)
    .limit(_AT_A_TIME)
)
_UNVOUCHED = select(decisions.c.decision_id).where(
    ~exists().where(audit_entries.c.subject == decisions.c.decision_id)
)


class PostgresAuditTrail(AuditTrail):
    """Reads a thousand at a time by key, all as it stood at one moment."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def entries(self) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        """Entries by chain and sequence, each with its document."""
        place = {"chain": UUID(int=0), "sequence": 0}
        async with using(self._engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
            while rows := (await connection.execute(_NEXT, place)).all():
                for row in rows:
                    entry = AuditEntry(*row[:_COUNT])
                    yield entry, None if row.document is None else document_of(row._mapping)
                place = {"chain": entry.chain, "sequence": entry.sequence}

    async def unvouched(self) -> AsyncIterator[UUID]:
        """Decisions without an entry, found in one statement: both are written in one transaction."""
        async with using(self._engine) as connection:
            async for decision_id in (await connection.stream(_UNVOUCHED)).scalars():
                yield decision_id
