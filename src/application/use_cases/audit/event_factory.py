"""Create events for the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from domain.audit.event import Detail, EventKind, RecordedEvent


@dataclass(frozen=True, slots=True)
class EventFactory:
    """Gives each event an identifier and the current time."""

    clock: Clock
    identifiers: Identifiers

    def __call__(self, kind: EventKind, by: str, details: Mapping[str, Detail]) -> RecordedEvent:
        """An event at the current time; `by` is a username, or `os:NAME` for an operating-system account."""
        return RecordedEvent(self.identifiers.new(), self.clock.now(), by, kind, details)
