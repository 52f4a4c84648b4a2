"""The history of events in memory."""

from uuid import UUID

from application.ports.audit.event_history import EventFilter, EventHistory, EventInHistory, EventPage
from domain.audit.event import RecordedEvent
from support.memory.decisions import MemoryDecisions


class MemoryEventHistory(EventHistory):
    """The events among recorded decisions."""

    def __init__(self, decisions: MemoryDecisions) -> None:
        self._decisions = decisions

    async def page(self, wanted: EventFilter, *, limit: int, before: UUID | None = None) -> EventPage:
        matching = sorted(
            (
                event
                for event in self._decisions.events()
                if _matches(event, wanted) and (before is None or event.event_id < before)
            ),
            key=lambda event: event.event_id,
            reverse=True,
        )
        events = tuple(
            EventInHistory(event.event_id, event.at, event.kind.value, event.actor, event.details)
            for event in matching[:limit]
        )
        return EventPage(events, events[-1].event_id if len(matching) > limit else None)


def _matches(event: RecordedEvent, wanted: EventFilter) -> bool:
    return (
        (not wanted.kinds or event.kind in wanted.kinds)
        and wanted.actor in {None, event.actor}
        and wanted.subject in {None, event.subject}
        and (wanted.since is None or event.at >= wanted.since)
        and (wanted.until is None or event.at < wanted.until)
    )
