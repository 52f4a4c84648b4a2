"""Reports of verifications in memory."""

from uuid import UUID

from application.ports.audit.audit_events import AuditEvents
from application.ports.audit.verification_reports import VerificationReports
from domain.audit.event import RecordedEvent


class MemoryVerificationReports(VerificationReports):
    """Reports by the event of their verification."""

    def __init__(self, events: AuditEvents) -> None:
        self._events = events
        self.documents: dict[UUID, bytes] = {}

    async def add(self, event: RecordedEvent, report: bytes) -> None:
        await self._events.record_event(event)
        self.documents[event.event_id] = report

    async def find(self, event_id: UUID) -> bytes | None:
        return self.documents.get(event_id)
