"""Months of decisions outside the database."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from application.operational_error import OperationalError
from application.ports.operations.database_dumps import Progress
from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.entry import AuditEntry
from domain.audit.event import RecordedEvent
from domain.month import Month


class MonthNotArchivable(OperationalError):
    """The month cannot be archived, dropped or restored. The message says why and what to do."""


class ArchiveUnreadable(OperationalError):
    """A file of an archive cannot be read."""


@dataclass(frozen=True, slots=True)
class ChainRange:
    """Consecutive entries of a chain, both ends included. The last is stated by a checkpoint."""

    chain: UUID
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class MonthContents:
    """The number of decisions of a month, and the entries and checkpoints that prove them."""

    decisions: int
    checkpoints: int
    chains: tuple[ChainRange, ...]

    @property
    def entries(self) -> int:
        """The number of entries."""
        return sum(chain.last - chain.first + 1 for chain in self.chains)


class MonthFiles(Protocol):
    """Reads the files of an archived month."""

    @abstractmethod
    def checkpoints(self, folder: Path) -> Iterator[SignedCheckpoint]:
        """The checkpoints in a folder, by number. Raises ArchiveUnreadable."""

    @abstractmethod
    def entries(self, folder: Path) -> Iterator[tuple[AuditEntry, bytes | None]]:
        """The entries in a folder by chain and sequence, with the documents of the month's decisions.

        Columns that differ from a document are appended to it, as in `AuditTrail.entries`. Raises
        ArchiveUnreadable.
        """


class MonthArchives(Protocol):
    """Copies a month of decisions with its proofs into files, and back.

    Raises DependencyUnavailable if the database does not answer.
    """

    @abstractmethod
    async def export(self, month: Month, folder: Path, progress: Progress) -> MonthContents:
        """Write the month's decisions, the entries of their chains up to the next checkpoint, and checkpoints.

        Raises MonthNotArchivable, and OSError if the folder cannot be written.
        """

    @abstractmethod
    def recorded_entries(self, chains: Collection[ChainRange]) -> AsyncIterator[AuditEntry]:
        """The entries of these chains in the database, in the order of `chains` and by sequence."""

    @abstractmethod
    async def recorded_decisions(self, month: Month) -> int:
        """The number of entries in the database for decisions of the month, archived or not."""

    @abstractmethod
    async def drop(self, month: Month, decisions: int, event: RecordedEvent) -> None:
        """Remove the month's partition, which must have this many decisions, and record the event.

        Raises MonthNotArchivable.
        """

    @abstractmethod
    async def restore(
        self, month: Month, folder: Path, decisions: int, event: RecordedEvent, progress: Progress
    ) -> None:
        """Add the decisions in a folder as the month's partition, and record the event.

        Raises MonthNotArchivable and ArchiveUnreadable.
        """
