"""Web sessions in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from application.ports.access.web_sessions import WebSessions
from application.ports.audit.audit_events import AuditEvents
from domain.access.web_session import WebSession
from domain.audit.event import RecordedEvent


class MemoryWebSessions(WebSessions):
    """Sessions by identifier."""

    def __init__(self, events: AuditEvents) -> None:
        self._events = events
        self._sessions: dict[bytes, WebSession] = {}

    def find(self, session_id: bytes) -> WebSession | None:
        return self._sessions.get(session_id)

    def touch(self, session_id: bytes, at: datetime) -> None:
        if session_id in self._sessions:
            self._sessions[session_id] = replace(self._sessions[session_id], last_seen_at=at)

    async def add(self, session: WebSession) -> None:
        self._sessions[session.id] = session

    async def end(
        self,
        session_id: bytes,
        at: datetime,
        *,
        event: RecordedEvent | None = None,
    ) -> bool:
        if session_id not in self._sessions:
            return False
        if event is not None:
            await self._events.record_event(event)
        del self._sessions[session_id]
        return True

    async def refresh(self) -> None:
        pass

    async def all(self) -> Sequence[WebSession]:
        return sorted(self._sessions.values(), key=lambda session: session.started_at, reverse=True)

    async def purge(self, before: datetime) -> int:
        old = [session.id for session in self._sessions.values() if session.started_at < before]
        for session_id in old:
            del self._sessions[session_id]
        return len(old)
