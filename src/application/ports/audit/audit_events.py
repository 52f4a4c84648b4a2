"""Events recorded in the audit trail besides decisions."""

from abc import abstractmethod
from typing import Protocol

from domain.audit.event import RecordedEvent


class EventRefused(Exception):
    """The database user may not write to the audit trail. Nothing was recorded."""


class AuditEvents(Protocol):
    """Records events, each with its audit entry, append-only.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    async def record_event(self, event: RecordedEvent) -> None:
        """Record an event and its audit entry in one transaction; raises EventRefused."""
