"""Events recorded in the audit trail besides decisions."""

from abc import abstractmethod
from typing import Protocol

from domain.audit.event import RecordedEvent


class EventRefused(Exception):
    """The event cannot be recorded: whoever runs this may not add to the trail. Nothing was written."""


class AuditEvents(Protocol):
    """Records events, each with its audit entry, append-only.

    Raises DependencyUnavailable when the storage does not answer.
    """

    @abstractmethod
    async def record_event(self, event: RecordedEvent) -> None:
        """Record it with its audit entry, both or neither; raises EventRefused."""
