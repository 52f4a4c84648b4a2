"""Batches as workers see them: leased, decided a chunk at a time, brought to an end."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.batches.batch import Batch, BatchProgress
from domain.decisions.decision_record import DecisionRecord


class LeaseLost(Exception):
    """The batch was cancelled, or the lease ran out and another worker has it: nothing was written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A batch in one worker's hands. `attempts` counts the leases since its last chunk, this one included."""

    batch: Batch
    token: UUID
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class DecidedChunk:
    """A chunk to go on record: `results` and `errors` are its lines of CSV, `progress` how far it leads.

    `records` are to be gone through once: they may be made on the way.
    """

    records: Iterable[DecisionRecord]
    results: bytes
    errors: bytes
    progress: BatchProgress


class BatchWork(Protocol):
    """Hands out batches, each to one worker at a time, and takes what was decided.

    Every call with a lease renews it; when it has run out another worker may take the batch over. Raises
    LeaseLost, and DependencyUnavailable when the storage does not answer.
    """

    @property
    @abstractmethod
    def lease_seconds(self) -> float:
        """How long a lease lasts."""

    @abstractmethod
    async def lease_next(self, at: datetime) -> Lease | None:
        """The oldest batch that waits or was left by its worker, of the caller who was served least recently."""

    @abstractmethod
    async def renew(self, lease: Lease) -> None:
        """Say that the work goes on."""

    @abstractmethod
    def content(self, lease: Lease) -> AsyncIterator[bytes]:
        """The batch's content as it came, in chunks."""

    @abstractmethod
    async def record(self, lease: Lease, chunk: DecidedChunk) -> Lease:
        """Put a chunk on record in one transaction: decisions, audit entries, results and progress, or nothing.

        Durable when this returns. Raises RecordRefused for decisions that cannot be kept.
        """

    @abstractmethod
    async def end(self, lease: Lease, ended: Batch) -> None:
        """Write the batch's end, let go of its content, and queue what is to be told of it, in one transaction."""

    @abstractmethod
    async def release(self, lease: Lease, *, retry_delay_seconds: float = 0.0) -> None:
        """Let another worker have it; while it rests, those behind it come first."""
