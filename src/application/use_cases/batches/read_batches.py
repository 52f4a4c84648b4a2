"""Read batches and their output, and cancel them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from application.ports.batches.batches import Batches, BatchNotFound, BatchOutput, BatchPage
from application.ports.cases.final_decisions import FinalDecisions
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.batches.final_outcome_column import FinalOutcomeColumn
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE, PageTooLarge
from domain.access.user import Actor, Permission
from domain.audit.event import EventKind
from domain.batches.batch import Batch


class BatchNotFinished(Exception):
    """The batch has not ended, so its output is not complete."""


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """Reads one batch."""

    batches: Batches

    async def __call__(self, batch_id: UUID, *, by: Actor) -> Batch:
        """The batch with this identifier; raises BatchNotFound."""
        by.require(Permission.READ_DECISIONS)
        batch = await self.batches.find(batch_id)
        if batch is None or not by.may_see(batch.requested_by.name):
            raise BatchNotFound(f"there is no batch {batch_id}")
        return batch


@dataclass(frozen=True, slots=True)
class ListBatches:
    """Lists batches by page, newest first."""

    batches: Batches

    async def __call__(self, *, by: Actor, limit: int = 50, before: UUID | None = None) -> BatchPage:
        """The page of batches older than `before`; raises PageTooLarge."""
        by.require(Permission.READ_DECISIONS)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page must have 1 to {MAX_PAGE_SIZE} batches, not {limit}")
        return await self.batches.page(limit=limit, before=before, owner=by.visible_owner)


@dataclass(frozen=True, slots=True)
class ReadBatchOutput:
    """Returns the results or errors of a batch that has ended; of an incomplete batch, those that exist.

    Results get a last column, the final outcome of each decision as of now.
    """

    batches: Batches
    record: RecordEvent | None = None
    final_decisions: FinalDecisions | None = None

    async def __call__(self, batch_id: UUID, output: BatchOutput, *, by: Actor) -> AsyncIterator[bytes]:
        """The lines of CSV, chunk by chunk, after the download was recorded; raises BatchNotFound and
        BatchNotFinished.
        """
        batch = await ReadBatch(self.batches)(batch_id, by=by)
        if not batch.state.ended:
            raise BatchNotFinished(f"batch {batch_id} is {batch.state.value}: ask again when it has ended")
        if self.record:
            details = {"batch": str(batch_id), "output": output.value}
            await self.record(EventKind.BATCH_DOWNLOADED, by=by, details=details)
        lines = self.batches.output(batch_id, output)
        return lines if output is BatchOutput.ERRORS else self._with_final_outcomes(lines)

    async def _with_final_outcomes(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        column = FinalOutcomeColumn()
        async for chunk in chunks:
            decided = {}
            if self.final_decisions:
                identifiers = await asyncio.to_thread(column.identifiers, chunk)
                decided = dict(await self.final_decisions.outcomes(identifiers))
            yield await asyncio.to_thread(column.added, chunk, decided)


@dataclass(frozen=True, slots=True)
class CancelBatch:
    """Cancels a batch that the actor may see. Recorded decisions remain."""

    batches: Batches
    new_event: EventFactory

    async def __call__(self, batch_id: UUID, *, by: Actor) -> Batch:
        """Cancel the batch and return it; raises BatchNotFound and AlreadyEnded."""
        by.require(Permission.SUBMIT_BATCHES)
        await ReadBatch(self.batches)(batch_id, by=by)
        event = self.new_event(EventKind.BATCH_CANCELLED, by.name, {"batch": str(batch_id)})
        return await self.batches.cancel(batch_id, event)
