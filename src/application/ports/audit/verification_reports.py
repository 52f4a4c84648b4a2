"""The reports of verifications of the audit trail."""

from abc import abstractmethod
from typing import Protocol
from uuid import UUID

from domain.audit.event import RecordedEvent


class VerificationReports(Protocol):
    """Stores reports, append-only. The event of a verification states the SHA-256 of its report.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    async def add(self, event: RecordedEvent, report: bytes) -> None:
        """Record a verification and its report in one transaction; raises EventRefused."""

    @abstractmethod
    async def find(self, event_id: UUID) -> bytes | None:
        """The report of the verification that this event records, if it is stored."""
