"""The audit trail, for verification."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.audit.entry import AuditEntry, ChainHead
from domain.audit.subject import SubjectKind


class AuditTrail(Protocol):
    """Reads audit entries with their documents.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    def entries(self) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        """All entries with their documents, by chain and sequence; the document is None if its record is missing.

        The kind of the entry's subject says where the record is.

        If the searchable columns of a record differ from its document, their content is appended to the document,
        so that the record counts as altered.
        """

    @abstractmethod
    def entries_after(self, heads: Collection[ChainHead]) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        """The same for the entries beyond these heads, and for all entries of other chains."""

    @abstractmethod
    async def changed_heads(self, heads: Collection[ChainHead]) -> Sequence[ChainHead]:
        """Those of the heads whose entry is missing or has another digest."""

    @abstractmethod
    def subjects_without_entry(self, *, since: datetime | None = None) -> AsyncIterator[tuple[SubjectKind, UUID]]:
        """Records without an audit entry, since a time by their identifiers; there should be none."""

    @abstractmethod
    def subjects_with_several_entries(
        self, *, since: datetime | None = None
    ) -> AsyncIterator[tuple[SubjectKind, UUID]]:
        """Subjects of more than one audit entry, since a time by their identifiers; there should be none."""
