"""Reports of verifications in PostgreSQL."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.audit_events import EventChain, refusing
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import verification_reports
from application.ports.audit.verification_reports import VerificationReports
from domain.audit.event import RecordedEvent


class PostgresVerificationReports(VerificationReports):
    """One row for each verification."""

    def __init__(self, engine: AsyncEngine, events: EventChain | None = None) -> None:
        self._engine = engine
        self._events = events or EventChain()

    async def add(self, event: RecordedEvent, report: bytes) -> None:
        row = {"event_id": event.event_id, "document": report.decode()}
        async with refusing(), transaction(self._engine) as connection:
            await connection.execute(insert(verification_reports).values(row))
            await self._events.append(connection, event)

    async def find(self, event_id: UUID) -> bytes | None:
        query = select(verification_reports.c.document).where(verification_reports.c.event_id == event_id)
        async with transaction(self._engine) as connection:
            document: str | None = await connection.scalar(query)
        return None if document is None else document.encode()
