"""Sessions of the web interface in PostgreSQL, with a copy of the open ones in the process."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import web_sessions
from application.coalesced import Coalesced
from application.ports.access.web_sessions import WebSessions
from domain.access.web_session import LIFETIME, WebSession
from domain.audit.event import RecordedEvent

_WRITE_INTERVAL = timedelta(minutes=1)
"""The minimum time between two updates of a session's `last_seen_at`."""
_OPEN_SESSIONS = select(web_sessions).where(
    web_sessions.c.ended_at.is_(None), web_sessions.c.started_at > func.now() - LIFETIME
)
_UPDATE_LAST_SEEN = (
    update(web_sessions)
    .where(web_sessions.c.id == bindparam("session_id"))
    .values(last_seen_at=func.greatest(web_sessions.c.last_seen_at, bindparam("at")))
)


class PostgresWebSessions(WebSessions):
    """One row per session. The table is small: the logins of one working day."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._events = EventChain()
        self._sessions: dict[bytes, WebSession] = {}
        self._last_seen: dict[bytes, datetime] = {}
        self._lock = asyncio.Lock()
        self._coalesced_refresh = Coalesced(self._synchronize)

    def find(self, session_id: bytes) -> WebSession | None:
        session = self._sessions.get(session_id)
        seen = self._last_seen.get(session_id)
        if session is None or seen is None or seen <= session.last_seen_at:
            return session
        return replace(session, last_seen_at=seen)

    def touch(self, session_id: bytes, at: datetime) -> None:
        """Note that the session was used; `refresh` writes it to the database at most once a minute."""
        if session_id in self._sessions:
            self._last_seen[session_id] = at

    async def add(self, session: WebSession) -> None:
        row = {column.name: getattr(session, column.name, None) for column in web_sessions.columns}
        async with self._lock:
            async with transaction(self._engine) as connection:
                await connection.execute(insert(web_sessions).values(row))
            self._sessions[session.id] = session

    async def end(self, session_id: bytes, at: datetime, *, event: RecordedEvent | None = None) -> bool:
        ended = update(web_sessions).where(web_sessions.c.id == session_id, web_sessions.c.ended_at.is_(None))
        async with self._lock:
            self._sessions.pop(session_id, None)
            async with transaction(self._engine) as connection:
                changed = (await connection.execute(ended.values(ended_at=at))).rowcount == 1
                if changed and event is not None:
                    await self._events.append(connection, event)
        return changed

    async def refresh(self) -> None:
        await self._coalesced_refresh()

    async def _synchronize(self) -> None:
        async with self._lock:  # otherwise a session added meanwhile would be lost
            due = [
                {"session_id": session_id, "at": at}
                for session_id, at in self._last_seen.items()
                if session_id in self._sessions and at - self._sessions[session_id].last_seen_at >= _WRITE_INTERVAL
            ]
            async with transaction(self._engine) as connection:
                if due:
                    await connection.execute(_UPDATE_LAST_SEEN, due)
                rows = (await connection.execute(_OPEN_SESSIONS)).all()
            self._sessions = {row.id: _from_row(row) for row in rows}
            self._last_seen = {
                session_id: at for session_id, at in self._last_seen.items() if session_id in self._sessions
            }

    async def all(self) -> Sequence[WebSession]:
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_OPEN_SESSIONS.order_by(web_sessions.c.started_at.desc()))).all()
        return [_from_row(row) for row in rows]

    async def purge(self, before: datetime) -> int:
        async with transaction(self._engine) as connection:
            old = delete(web_sessions).where(web_sessions.c.started_at < before)
            return (await connection.execute(old)).rowcount


def _from_row(row: Row[bytes, str, int, str, datetime, datetime, datetime | None, datetime | None]) -> WebSession:
    return WebSession(
        row.id, row.name, row.generation, row.address, row.started_at, row.last_seen_at, row.previous_login_at
    )
