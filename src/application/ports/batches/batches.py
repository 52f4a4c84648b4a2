"""Batches as callers use them: submitted, read, cancelled, and their results downloaded."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol, TypeAlias
from uuid import UUID

from application.ports.batches.batch_content import BatchContent
from application.ports.decisions.idempotency import Claim
from application.ports.operations.dependencies import DependencyUnavailable
from domain.audit.event import RecordedEvent
from domain.batches.batch import Batch

ClaimOn: TypeAlias = Callable[[Batch], Claim]
"""Creates the caller's claim once the content of the batch is known."""


NO_LONGER_KEPT = "the batch that was submitted with this key has been purged"


class BatchNotFound(Exception):
    """There is no batch with this identifier that the actor may see."""


class TooManyUploads(DependencyUnavailable):
    """The limit of concurrent uploads is reached; retry later."""


class UploadUnconfirmed(DependencyUnavailable):
    """The database did not confirm in time that the batch is queued; repeat the request with the same key."""


class BatchOutput(Enum):
    """The outputs of a batch, each a CSV file with a header."""

    RESULTS = "results"
    ERRORS = "errors"


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A page of batches, newest first; `next_before` requests the next page and is None on the last."""

    batches: tuple[Batch, ...]
    next_before: UUID | None


EventOf = Callable[[Batch], RecordedEvent]
"""Creates the event of a batch that was queued."""


class Batches(Protocol):
    """Stores batches; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def accept(
        self,
        batch: Batch,
        content: BatchContent,
        claim_on: ClaimOn | None = None,
        event_of: EventOf | None = None,
    ) -> Batch:
        """Store the content, queue the batch and record its event in one transaction; durable when this returns.

        Returns the batch as queued, or the earlier batch under the same claim. Raises KeyReused,
        OriginalResponseUnavailable if that batch was purged, BatchQuotaExceeded, TooManyUploads, and the errors of
        the content; nothing is stored then.
        """

    @abstractmethod
    async def find(self, batch_id: UUID) -> Batch | None:
        """The batch with this identifier, if there is one."""

    @abstractmethod
    async def page(self, *, limit: int, before: UUID | None = None, owner: str | None = None) -> BatchPage:
        """At most `limit` batches older than `before`, newest first; with an owner, only that user's."""

    @abstractmethod
    async def cancel(self, batch_id: UUID, event: RecordedEvent) -> Batch:
        """Cancel a batch at the time of the event, which is added to the audit trail. No more of it is recorded.

        Raises BatchNotFound and AlreadyEnded, and then adds no event.
        """

    @abstractmethod
    def output(self, batch_id: UUID, output: BatchOutput) -> AsyncIterator[bytes]:
        """The results or errors so far, in the order of the rows."""

    @abstractmethod
    async def purge(self, *, older_than: timedelta, limit: int) -> int:
        """Delete batches that ended before that, with their output and messages, and return their number.

        Their decisions remain. Concurrent calls are safe.
        """
