"""Imports of files with outcomes of loans, as callers submit and read them and workers process them."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from application.ports.batches.batch_content import BatchContent
from application.ports.decisions.idempotency import Claim
from application.ports.outcomes.loan_outcomes import StoredLoan
from domain.audit.event import RecordedEvent
from domain.outcomes.loan_outcome import LoanOutcome
from domain.outcomes.outcome_import import ImportProgress, OutcomeImport

ImportClaim = Callable[[OutcomeImport], Claim]
"""Makes the caller's claim once the content is known."""
ImportEvent = Callable[[OutcomeImport], RecordedEvent]
"""Makes the event of an import that was queued."""


class ImportNotFound(Exception):
    """There is no import with this identifier that the actor may see."""


class ImportLeaseLost(Exception):
    """The lease of an import expired. Nothing was written."""


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A page of imports, newest first; `next_before` requests the next page and is None on the last."""

    imports: tuple[OutcomeImport, ...]
    next_before: UUID | None


class OutcomeImports(Protocol):
    """Stores imports; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def accept(
        self,
        wanted: OutcomeImport,
        content: BatchContent,
        claim_on: ImportClaim | None,
        event_of: ImportEvent,
    ) -> OutcomeImport:
        """Store the content, queue the import and record its event in one transaction; durable when it returns.

        Returns the import as queued, or the earlier one under the same claim. Raises KeyReused,
        BatchQuotaExceeded, TooManyUploads, and the errors of the content; nothing is stored then.
        """

    @abstractmethod
    async def find(self, import_id: UUID) -> OutcomeImport | None:
        """The import with this identifier, if there is one."""

    @abstractmethod
    async def page(self, *, limit: int, before: UUID | None = None, owner: str | None = None) -> ImportPage:
        """At most `limit` imports older than `before`, newest first; with an owner, only that user's."""

    @abstractmethod
    def errors(self, import_id: UUID) -> AsyncIterator[bytes]:
        """The lines of CSV that name every refused row so far, in the order of rows."""


@dataclass(frozen=True, slots=True)
class ImportLease:
    """A worker's claim on an import. `attempts` counts the leases since its last chunk, including this one."""

    wanted: OutcomeImport
    token: UUID
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class ImportedChunk:
    """A chunk to record: new outcomes, the loans after them, `errors` as lines of CSV, and the progress."""

    outcomes: Sequence[LoanOutcome]
    loans: Sequence[StoredLoan]
    errors: bytes
    progress: ImportProgress


class ImportWork(Protocol):
    """Leases each import to one worker at a time, and records what was read.

    Every call with a lease renews it. Raises ImportLeaseLost, and DependencyUnavailable if the storage does not
    answer.
    """

    @property
    @abstractmethod
    def lease_seconds(self) -> float:
        """The duration of a lease."""

    @abstractmethod
    async def lease_next(self, at: datetime, import_id: UUID | None = None) -> ImportLease | None:
        """A lease of the oldest unfinished import without one, or of this import."""

    @abstractmethod
    async def renew(self, lease: ImportLease) -> None:
        """Renew the lease."""

    @abstractmethod
    def content(self, lease: ImportLease) -> AsyncIterator[bytes]:
        """The uploaded content in blocks of bytes."""

    @abstractmethod
    async def record(self, lease: ImportLease, chunk: ImportedChunk) -> ImportLease:
        """Record outcomes, audit entries, loans, errors and progress in one transaction; durable when it returns.

        Raises LoanConflict if a loan is no longer as it was seen.
        """

    @abstractmethod
    async def end(self, lease: ImportLease, ended: OutcomeImport) -> None:
        """Record the final state and delete the content, in one transaction."""

    @abstractmethod
    async def release(self, lease: ImportLease, *, retry_delay_seconds: float = 0.0) -> None:
        """Return the import to the queue; the attempt does not count."""
