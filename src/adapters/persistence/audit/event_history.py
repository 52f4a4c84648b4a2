"""Recorded events in PostgreSQL, listed by index."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.event_rows import BOUNDED_DOCUMENT, has_actor, has_subject
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.identifiers import first_identifier, time_of
from adapters.persistence.database.tables import recorded_events
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.audit.event_history import EventFilter, EventHistory, EventInHistory, EventPage
from domain.stored_document import DocumentFault, DocumentKind, UnreadableDocument

EVENT = DocumentKind("event")
"""The member `kind` of an event's document says what happened, and the table that it is an event."""

_ID = recorded_events.c.event_id


class PostgresEventHistory(EventHistory):
    """Identifiers begin with the time, so that pages and periods are ranges of them."""

    def __init__(self, engine: AsyncEngine, unreadable: UnreadableDocuments | None = None) -> None:
        self._engine = engine
        self._unreadable = unreadable or UnreadableDocuments()

    async def page(self, wanted: EventFilter, *, limit: int, before: UUID | None = None) -> EventPage:
        query = _matching(wanted).order_by(_ID.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(before > _ID)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        events = tuple(self._event_in(row) for row in rows[:limit])
        return EventPage(events, events[-1].event_id if len(rows) > limit else None)

    def _event_in(self, row: Row[Any]) -> EventInHistory:
        try:
            return read_event(row)
        except UnreadableDocument as fault:
            self._unreadable.report(EVENT.name, row.event_id, fault)
            why = f"its document cannot be read: {fault}"
            return EventInHistory(row.event_id, time_of(row.event_id), row.kind, "", fault=why)


def _matching(wanted: EventFilter) -> Select[Any]:
    query = select(recorded_events.c.event_id, recorded_events.c.kind, BOUNDED_DOCUMENT)
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


def read_event(row: Row[Any]) -> EventInHistory:
    """The event in a row. Raises UnreadableDocument."""
    try:
        content = json.loads(row.document)
    except (ValueError, RecursionError) as fault:
        raise UnreadableDocument(DocumentFault.NOT_JSON, f"it is not valid JSON ({fault})") from fault
    try:
        EVENT.check(EVENT.name, content.get("schema", 1))
        at, actor = datetime.fromisoformat(content["at"]).astimezone(UTC), str(content["actor"])
        return EventInHistory(row.event_id, at, row.kind, actor, {**content["details"]})
    except UnreadableDocument:
        raise
    except (ValueError, OverflowError, LookupError, TypeError, AttributeError) as fault:
        why = f"its content is invalid ({type(fault).__name__})"
        raise UnreadableDocument(DocumentFault.INVALID_CONTENT, why) from fault
