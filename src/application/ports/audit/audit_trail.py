"""The audit trail, for verification."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

from domain.audit.entry import AuditEntry


class AuditTrail(Protocol):
    """Reads every audit entry with its document.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    def entries(self) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        """Entries with their documents, by chain and sequence; the document is None if its record is missing.

        The record is a decision if the action says so, else an event.

        If the searchable columns of a record differ from its document, their content is appended to the document,
        so that the record counts as altered.
        """

    @abstractmethod
    def decisions_without_entry(self) -> AsyncIterator[UUID]:
        """Recorded decisions without an audit entry; there should be none."""

    @abstractmethod
    def events_without_entry(self) -> AsyncIterator[UUID]:
        """Recorded events without an audit entry; there should be none."""
