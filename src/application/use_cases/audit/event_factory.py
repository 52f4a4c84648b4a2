"""Create events for the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from domain.access.user_name import OPERATING_SYSTEM_PREFIX
from domain.audit.event import Detail, EventKind, RecordedEvent


@dataclass(frozen=True, slots=True)
class EventFactory:
    """Gives each event an identifier and the current time.

    With a `person`, a user who proved to run a command, that person is the actor of what the command does, and the
    details name the operating-system account too.
    """

    clock: Clock
    identifiers: Identifiers
    person: str | None = None

    def __call__(self, kind: EventKind, by: str, details: Mapping[str, Detail]) -> RecordedEvent:
        """An event at the current time; `by` is a username, or `os:NAME` for an operating-system account."""
        if self.person is not None and by.startswith(OPERATING_SYSTEM_PREFIX):
            by, details = self.person, {**details, "operating_system_user": by}
        return RecordedEvent(self.identifiers.new(), self.clock.now(), by, kind, details)
