"""Recorded events in PostgreSQL, listed by index."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.event_rows import has_actor, has_subject
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.identifiers import first_identifier, time_of
from adapters.persistence.database.tables import recorded_events
from application.ports.audit.event_history import EventFilter, EventHistory, EventInHistory, EventPage

_ID = recorded_events.c.event_id


class PostgresEventHistory(EventHistory):
    """Identifiers begin with the time, so that pages and periods are ranges of them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(self, wanted: EventFilter, *, limit: int, before: UUID | None = None) -> EventPage:
        query = _matching(wanted).order_by(_ID.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(before > _ID)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        events = tuple(_event_in(row) for row in rows[:limit])
        return EventPage(events, events[-1].event_id if len(rows) > limit else None)


def _matching(wanted: EventFilter) -> Select[Any]:
    query = select(recorded_events)
    if wanted.kinds:
        query = query.where(recorded_events.c.kind.in_(list(wanted.kinds)))
    if wanted.actor is not None:
        query = query.where(has_actor(wanted.actor))
    if wanted.subject is not None:
        query = query.where(has_subject(wanted.subject))
    if wanted.since is not None:
        query = query.where(first_identifier(wanted.since) <= _ID)
    if wanted.until is not None:
        query = query.where(first_identifier(wanted.until) > _ID)
    return query


def _event_in(row: Row[Any]) -> EventInHistory:
    try:
        content = json.loads(row.document)
        at, actor = datetime.fromisoformat(content["at"]).astimezone(UTC), str(content["actor"])
        return EventInHistory(row.event_id, at, row.kind, actor, {**content["details"]})
    except (ValueError, OverflowError, LookupError, TypeError, RecursionError) as fault:
        why = f"its document cannot be read ({type(fault).__name__})"
        return EventInHistory(row.event_id, time_of(row.event_id), row.kind, "", fault=why)
