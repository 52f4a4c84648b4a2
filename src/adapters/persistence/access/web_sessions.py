"""Sessions of the web interface in PostgreSQL, and a copy of those that are open in the process."""

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

_BETWEEN_WRITES = timedelta(minutes=1)
"""Of when a session was last seen."""
_open = select(web_sessions).where(
    web_sessions.c.ended_at.is_(None), web_sessions.c.started_at > func.now() - LIFETIME
)
_seen = (
    update(web_sessions)
    .where(web_sessions.c.id == bindparam("session_id"))
    .values(last_seen_at=func.greatest(web_sessions.c.last_seen_at, bindparam("at")))
)


class PostgresWebSessions(WebSessions):
    """One row a session. The table is small: who has logged in within a working day."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._events = EventChain()
        self._open: dict[bytes, WebSession] = {}
        self._seen: dict[bytes, datetime] = {}
        self._changing = asyncio.Lock()
        self._refresh = Coalesced(self._read)

    def find(self, session_id: bytes) -> WebSession | None:
        """The session."""
        session = self._open.get(session_id)
        seen = self._seen.get(session_id)
        if session is None or seen is None or seen <= session.last_seen_at:
            return session
        return replace(session, last_seen_at=seen)

    def touch(self, session_id: bytes, at: datetime) -> None:
        """The session was used: written down by `refresh`, when a minute has passed."""
        if session_id in self._open:
            self._seen[session_id] = at

    async def add(self, session: WebSession) -> None:
        """Begin a session."""
        row = {column.name: getattr(session, column.name, None) for column in web_sessions.columns}
        async with self._changing:
            async with transaction(self._engine) as connection:
                await connection.execute(insert(web_sessions).values(row))
            self._open[session.id] = session

    async def end(self, session_id: bytes, at: datetime, *, event: RecordedEvent | None = None) -> bool:
        """End a session."""
        ended = update(web_sessions).where(web_sessions.c.id == session_id, web_sessions.c.ended_at.is_(None))
        async with self._changing:
            self._open.pop(session_id, None)
            async with transaction(self._engine) as connection:
                changed = (await connection.execute(ended.values(ended_at=at))).rowcount == 1
                if changed and event is not None:
                    await self._events.append(connection, event)
        return changed

    async def refresh(self) -> None:
        """Write down what was seen here, and read what is open."""
        await self._refresh()

    async def _read(self) -> None:
        async with self._changing:  # else a session begun meanwhile would be forgotten
            due = [
                {"session_id": session_id, "at": at}
                for session_id, at in self._seen.items()
                if session_id in self._open and at - self._open[session_id].last_seen_at >= _BETWEEN_WRITES
            ]
            async with transaction(self._engine) as connection:
                if due:
                    await connection.execute(_seen, due)
                rows = (await connection.execute(_open)).all()
            self._open = {row.id: _from_row(row) for row in rows}
            self._seen = {session_id: at for session_id, at in self._seen.items() if session_id in self._open}

    async def all(self) -> Sequence[WebSession]:
        """The latest first."""
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(_open.order_by(web_sessions.c.started_at.desc()))).all()
        return [_from_row(row) for row in rows]

    async def purge(self, before: datetime) -> int:
        """Delete those that began before."""
        async with transaction(self._engine) as connection:
            old = delete(web_sessions).where(web_sessions.c.started_at < before)
            return (await connection.execute(old)).rowcount


def _from_row(row: Row[bytes, str, int, str, datetime, datetime, datetime | None]) -> WebSession:
    return WebSession(row.id, row.name, row.generation, row.address, row.started_at, row.last_seen_at)
