"""An event whose document cannot be read is listed as such among the others."""

import json

from adapters.persistence.audit.audit_events import PostgresAuditEvents
from adapters.persistence.audit.event_history import PostgresEventHistory
from adapters.persistence.database.connections import database_engine
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.audit.event_history import EventFilter
from domain.audit.event import EventKind, RecordedEvent
from support.builders import A_MOMENT, an_identifier
from support.databases import connected

DAMAGED = {
    '{"at": ': "not_json",
    "[" * 5000: "not_json",
    "[]": "invalid_content",
    "{}": "invalid_content",
    '{"at": "yesterday", "actor": "olga", "details": {}}': "invalid_content",
    json.dumps({"at": A_MOMENT.isoformat(), "actor": "olga", "details": {}, "schema": 9}): "unknown_schema",
}


async def test_damaged_events_are_listed_and_counted(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    counted: list[tuple[str, str]] = []
    events = [
        RecordedEvent(an_identifier(A_MOMENT), A_MOMENT, "olga", EventKind.USER_ADDED, {"user": "nina"})
        for _ in range(len(DAMAGED) + 1)
    ]
    try:
        for event in events:
            await PostgresAuditEvents(engine).record_event(event)
        async with connected(migrated_url) as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for event, document in zip(events, DAMAGED, strict=False):
                await connection.execute(
                    "UPDATE recorded_events SET document = $2 WHERE event_id = $1", event.event_id, document
                )
        history = PostgresEventHistory(
            engine, UnreadableDocuments(lambda kind, fault: counted.append((kind, fault)))
        )
        page = await history.page(EventFilter(), limit=20)
    finally:
        await engine.dispose()
    assert {each.event_id for each in page.events} == {event.event_id for event in events}
    readable = [each for each in page.events if not each.fault]
    assert [each.details for each in readable] == [{"user": "nina"}]
    assert all("cannot be read: " in each.fault for each in page.events if each not in readable)
    assert sorted(counted) == sorted(("event", fault) for fault in DAMAGED.values())
