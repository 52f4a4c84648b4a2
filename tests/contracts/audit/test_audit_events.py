"""The contract of every audit event store."""

from dataclasses import replace
from uuid import uuid4

import pytest

from adapters.persistence.audit.audit_events import PostgresAuditEvents
from adapters.persistence.database.connections import database_engine
from application.ports.audit.audit_events import AuditEvents
from domain.audit.event import EventKind, RecordedEvent
from support.builders import A_MOMENT, a_decision_record
from support.databases import Store
from support.memory.decisions import MemoryDecisions


@pytest.fixture
async def events(request: pytest.FixtureRequest, store: Store):
    """The event store that belongs to the decision store."""
    if isinstance(store.ledger, MemoryDecisions):
        yield store.ledger
        return
    engine = database_engine(request.getfixturevalue("migrated_url"))
    yield PostgresAuditEvents(engine)
    await engine.dispose()


def an_event(**overrides: object) -> RecordedEvent:
    details = {"user": "olga", "role": "auditor", "note": "half \ud800, null \x00, quote \"'", "count": 3}
    usual = RecordedEvent(uuid4(), A_MOMENT, "os:marta", EventKind.ROLE_CHANGED, details)
    return replace(usual, **overrides)  # type: ignore[arg-type]


def test_a_document_has_one_canonical_form() -> None:
    event = an_event(event_id=uuid4(), details={"b": 1, "a": None})
    assert event.document().decode() == (
        '{"actor":"os:marta","at":"2026-03-14T15:09:26.535897+00:00","details":{"a":null,"b":1},'
        f'"event_id":"{event.event_id}","kind":"role changed","schema":1}}'
    )


@pytest.mark.parametrize("kind", EventKind)
async def test_an_event_of_any_kind_is_in_the_trail_and_verifies(
    store: Store, events: AuditEvents, kind: EventKind
) -> None:
    event = an_event(kind=kind)
    await events.record_event(event)
    ((entry, document),) = [pair async for pair in store.trail.entries()]
    assert (entry.actor, entry.action, entry.subject, entry.at) == (
        "os:marta",
        kind.value,
        event.event_id,
        event.at,
    )
    assert document == event.document()
    found = await store.verify()
    assert (found.entries, found.events, found.violations) == (1, 1, ())


async def test_events_and_decisions_share_one_trail(store: Store, events: AuditEvents) -> None:
    for _ in range(3):
        await store.ledger.record(a_decision_record())
        await events.record_event(an_event())
    found = await store.verify()
    assert (found.chains, found.entries, found.events, found.violations) == (2, 6, 3, ())
    made = await store.checkpoint()
    assert made is not None
    assert [head.length for head in made.checkpoint.heads] == [3, 3]
    assert await store.violations() == []


async def test_a_trail_of_events_only_has_no_decision_to_verify(store: Store, events: AuditEvents) -> None:
    await events.record_event(an_event())
    assert (await store.verify()).empty
