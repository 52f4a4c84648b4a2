"""Batches as workers process them: leased, decided chunk by chunk, and finished."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.batches.batch import Batch, BatchProgress
from domain.decisions.decision_record import DecisionRecord


class LeaseLost(Exception):
    """The batch was cancelled or the lease expired. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's claim on a batch. `attempts` counts the leases since its last chunk, including this one.

    `traceparent` is the trace of the request that submitted the batch, in the format of W3C.
    """

    batch: Batch
    token: UUID
    attempts: int = 1
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class DecidedChunk:
    """A chunk to record: `results` and `errors` are lines of CSV, `progress` is that after the chunk.

    `records` can be iterated once, because they may be created during iteration.
    """

    records: Iterable[DecisionRecord]
    results: bytes
    errors: bytes
    progress: BatchProgress


class BatchWork(Protocol):
    """Leases each batch to one worker at a time and records what was decided.

    Every call with a lease renews it; after it expires another worker may lease the batch. Raises LeaseLost, and
    DependencyUnavailable if the storage does not answer.
    """

    @property
    @abstractmethod
    def lease_seconds(self) -> float:
        """The duration of a lease."""

    @abstractmethod
    async def lease_next(self, at: datetime) -> Lease | None:
        """A lease of the oldest unfinished batch without one, of the caller who was served least recently."""

    @abstractmethod
    async def renew(self, lease: Lease) -> None:
        """Renew the lease."""

    @abstractmethod
    def content(self, lease: Lease) -> AsyncIterator[bytes]:
        """The uploaded content in blocks of bytes."""

    @abstractmethod
    async def record(self, lease: Lease, chunk: DecidedChunk) -> Lease:
        """Record a chunk in one transaction: decisions, audit entries, results and progress.

        Durable when this returns. Raises RecordRefused if a decision cannot be recorded.
        """

    @abstractmethod
    async def end(self, lease: Lease, ended: Batch) -> None:
        """Record the final state, delete the content and queue the webhook, in one transaction."""

    @abstractmethod
    async def release(self, lease: Lease, *, retry_delay_seconds: float = 0.0) -> None:
        """Return the batch to the queue; for `retry_delay_seconds` other batches come first."""
