"""What an export of evidence reads from the audit trail."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.entry import AuditEntry


@dataclass(frozen=True, slots=True)
class StoredSubject:
    """A record as it is stored: the exact bytes of its document, and its audit entries (one, usually).

    The document is None if it is missing or too large to be loaded.
    """

    identifier: UUID
    document: bytes | None
    entries: tuple[AuditEntry, ...]


@dataclass(frozen=True, slots=True)
class StoredAction:
    """An action on the case, the application or a notice of a decision, or a final decision on it."""

    decision_id: UUID
    subject: StoredSubject


class Place(NamedTuple):
    """An entry by its place."""

    chain: UUID
    sequence: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The first checkpoint that covers an entry: its number, and the length of the chain that it states."""

    checkpoint: int
    length: int


class EvidenceRecords(Protocol):
    """Reads decisions, what people did about them, and events, each with their audit entries.

    Raises DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    async def decisions(self, identifiers: Collection[UUID]) -> Sequence[StoredSubject]:
        """Decisions with their entries, in the order of the identifiers; those not stored are left out."""

    @abstractmethod
    async def actions_on(self, identifiers: Collection[UUID], *, limit: int) -> Sequence[StoredAction]:
        """Actions on the cases, applications and notices of these decisions, oldest first.

        An action on an application that was decided again is listed for each of its decisions.
        """

    @abstractmethod
    async def final_decisions_on(self, identifiers: Collection[UUID]) -> Sequence[StoredAction]:
        """The final decisions of people on these decisions, oldest first."""

    @abstractmethod
    async def events_about(
        self, subjects: Collection[str], *, kinds: Collection[str] = (), limit: int
    ) -> Sequence[StoredSubject]:
        """The newest events about these subjects, of these kinds (empty: all), newest first."""

    @abstractmethod
    async def coverage(
        self, places: Collection[Place], trusted: Collection[bytes] = ()
    ) -> Mapping[Place, Coverage]:
        """For each entry that one covers, the first checkpoint signed with a `trusted` key (empty: any)."""

    @abstractmethod
    async def checkpoints(self, numbers: Collection[int]) -> Sequence[SignedCheckpoint]:
        """The checkpoints with these numbers, in their order."""

    @abstractmethod
    def links(self, chain: UUID, first: int, last: int) -> AsyncIterator[AuditEntry]:
        """The entries of a chain from `first` to `last`, both included."""
