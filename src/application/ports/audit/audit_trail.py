"""The audit trail, to be read and checked."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

from domain.audit.entry import AuditEntry


class AuditTrail(Protocol):
    """Every audit entry with the document it vouches for.

    Raises DependencyUnavailable when the storage does not answer.
    """

    @abstractmethod
    def entries(self) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        """Entries by chain and sequence; the document is None where its record is missing.

        The record is a decision where the action says so, else an event of that kind.

        A record whose searchable columns no longer say what its document says counts as changed: its document is
        given back with what the columns say behind it.
        """

    @abstractmethod
    def decisions_without_entry(self) -> AsyncIterator[UUID]:
        """The decisions on record that no entry vouches for; there should be none."""

    @abstractmethod
    def events_without_entry(self) -> AsyncIterator[UUID]:
        """The events on record that no entry vouches for; there should be none."""
