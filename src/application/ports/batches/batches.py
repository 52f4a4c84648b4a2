"""Batches as callers see them: handed in, looked at, cancelled, their results fetched."""

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
"""The caller's claim on a batch whose content is known."""


NO_LONGER_KEPT = "the batch that this key stands for is no longer kept"


class BatchNotFound(Exception):
    """There is no batch of this identifier."""


class TooManyUploads(DependencyUnavailable):
    """As many files as can be taken at once are on their way in; trying again later will work."""


class UploadUnconfirmed(DependencyUnavailable):
    """Nobody said in time whether the batch is queued: asking again under the same key finds out."""


class BatchOutput(Enum):
    """What a batch gives back, each a CSV with a header."""

    RESULTS = "results"
    ERRORS = "errors"


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Batches, newest first; `next_before` leads on to the page behind them, and is None on the last."""

    batches: tuple[Batch, ...]
    next_before: UUID | None


class Batches(Protocol):
    """Keeps batches; raises DependencyUnavailable when the storage does not answer."""

    @abstractmethod
    async def accept(self, batch: Batch, content: BatchContent, claim_on: ClaimOn | None = None) -> Batch:
        """Keep the content and queue the batch in one transaction; durable when this returns.

        Returns the batch as queued, or the earlier batch under the same claim. Raises KeyReused,
        OriginalResponseUnavailable where that batch was purged, BatchQuotaExceeded, TooManyUploads, and
        whatever the content raises; nothing is stored then.
        """

    @abstractmethod
    async def find(self, batch_id: UUID) -> Batch | None:
        """The batch of this identifier, if there is one."""

    @abstractmethod
    async def page(self, *, limit: int, before: UUID | None = None, owner: str | None = None) -> BatchPage:
        """At most `limit` batches, newest first, only those older than `before`; with an owner, theirs alone."""

    @abstractmethod
    async def cancel(self, batch_id: UUID, event: RecordedEvent) -> Batch:
        """End it at the time of the event, which goes on the audit trail: nothing more of it goes on record.

        Raises BatchNotFound and AlreadyEnded, and then adds no event.
        """

    @abstractmethod
    def output(self, batch_id: UUID, output: BatchOutput) -> AsyncIterator[bytes]:
        """The results or errors so far, chunk by chunk in the order of the rows."""

    @abstractmethod
    async def purge(self, *, older_than: timedelta, limit: int) -> int:
        """Forget batches that ended so long ago, with results, errors and messages; how many were forgotten.

        Their decisions stay on record. Several may do it at the same time.
        """
