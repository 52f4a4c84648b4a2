"""The contract of every history of events."""

from datetime import timedelta
from uuid import UUID

import pytest

from application.ports.audit.event_history import EventFilter
from application.use_cases.audit.list_events import ListEvents
from application.use_cases.decisions.read_decisions import PageTooLarge
from domain.access.user import Actor, PermissionDenied, Role
from domain.audit.event import EventKind, RecordedEvent
from support.builders import A_MOMENT, an_identifier
from support.databases import Store

ARTHUR = Actor("arthur", Role.AUDITOR)
STRANGE = 'a "quoted\\" Zoë, 😀 or "user":"x"'
HOUR = timedelta(hours=1)


@pytest.fixture
async def events(store: Store) -> list[RecordedEvent]:
    """Four events, one each hour, oldest first."""
    kinds = [EventKind.USER_ADDED, EventKind.LOGGED_IN, EventKind.BATCH_SUBMITTED, EventKind.ROLE_CHANGED]
    made = []
    for hours, (kind, actor, details) in enumerate(
        zip(
            kinds,
            ["os:ada", "olga", "olga", STRANGE],
            [
                {"user": "olga", "role": "auditor"},
                {"user": "olga"},
                {"batch": "b1", "user": "x"},
                {"user": STRANGE},
            ],
            strict=True,
        )
    ):
        at = A_MOMENT + hours * HOUR
        event = RecordedEvent(an_identifier(at), at, actor, kind, details)
        await store.events.record_event(event)
        made.append(event)
    return made


async def listed(store: Store, **wanted: object) -> list[UUID]:
    page = await ListEvents(store.history)(EventFilter(**wanted), by=ARTHUR)  # type: ignore[arg-type]
    return [event.event_id for event in page.events]


async def test_events_are_listed_newest_first_with_their_content(
    store: Store, events: list[RecordedEvent]
) -> None:
    page = await ListEvents(store.history)(EventFilter(), by=ARTHUR)
    assert [(each.event_id, each.at, each.kind, each.actor, each.details) for each in page.events] == [
        (each.event_id, each.at, each.kind, each.actor, each.details) for each in reversed(events)
    ]
    assert [each.subject for each in page.events] == [STRANGE, "b1", "olga", "olga"]
    assert page.before is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"kinds": ["logged in"]}, [1]),
        ({"kinds": ["logged in", "user added"]}, [1, 0]),
        ({"actor": "olga"}, [2, 1]),
        ({"actor": "os:ada"}, [0]),
        ({"actor": STRANGE}, [3]),
        ({"actor": "nina"}, []),
        ({"subject": "olga"}, [1, 0]),
        ({"subject": "b1"}, [2]),
        ({"subject": "x"}, []),
        ({"subject": STRANGE}, [3]),
        ({"since": A_MOMENT + HOUR}, [3, 2, 1]),
        ({"until": A_MOMENT + HOUR}, [0]),
        ({"actor": "olga", "subject": "olga", "until": A_MOMENT + 2 * HOUR}, [1]),
    ],
)
async def test_events_are_found_by(
    store: Store, events: list[RecordedEvent], wanted: dict[str, object], expected: list[int]
) -> None:
    assert await listed(store, **wanted) == [events[number].event_id for number in expected]


async def test_pages_follow_each_other(store: Store, events: list[RecordedEvent]) -> None:
    list_events, found, before = ListEvents(store.history), [], None
    for _ in range(2):
        page = await list_events(EventFilter(), by=ARTHUR, limit=2, before=before)
        found += [each.event_id for each in page.events]
        before = page.before
    assert found == [each.event_id for each in reversed(events)]
    assert before is None


async def test_only_auditors_and_compliance_list_events(store: Store) -> None:
    for role in set(Role) - {Role.AUDITOR, Role.COMPLIANCE}:
        with pytest.raises(PermissionDenied):
            await ListEvents(store.history)(EventFilter(), by=Actor("olga", role))
    with pytest.raises(PageTooLarge):
        await ListEvents(store.history)(EventFilter(), by=ARTHUR, limit=100_000)
