"""The events of the audit trail, to be read by people."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.audit.event import Detail, subject_in


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted: of these kinds (empty: all), by this actor, about this subject, in this period.

    The period includes `since` and excludes `until`.
    """

    kinds: Collection[str] = ()
    actor: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventInHistory:
    """An event as it is stored; of a later release its kind may be unknown here.

    If its document cannot be read, `fault` says why, and there are no details.
    """

    event_id: UUID
    at: datetime
    kind: str
    actor: str
    details: Mapping[str, Detail] = field(default_factory=dict)
    fault: str = ""

    @property
    def subject(self) -> str:
        """What the event is about; empty if that is the trail or the service."""
        return subject_in(self.details)


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first; `before` is given for the next page, and None if there is none."""

    events: tuple[EventInHistory, ...]
    before: UUID | None


class EventHistory(Protocol):
    """Reads recorded events.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    async def page(self, wanted: EventFilter, *, limit: int, before: UUID | None = None) -> EventPage:
        """The newest events that match, among those with lower identifiers than `before`."""
