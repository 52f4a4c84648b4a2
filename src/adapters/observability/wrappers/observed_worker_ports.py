"""A worker's ports with figures around them: the batches it works on, the outbox it carries out."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from adapters.observability.metrics.batch_metrics import BatchFigures
from adapters.observability.metrics.metrics import Metrics
from application.ports.batches.batch_work import BatchWork, DecidedChunk, Lease
from application.ports.batches.webhooks import Delivery, Outbox
from domain.batches.batch import Batch

CHANNEL = "batch"
_OUTCOMES = ("approved", "referred", "declined")


class ObservedBatchWork(BatchWork):
    """Counts what is on record, once it is: rows, decisions among those of every channel, and ends of batches."""

    def __init__(self, work: BatchWork, figures: BatchFigures, metrics: Metrics) -> None:
        self._work = work
        self._figures = figures
        self._decided = metrics.decided

    @property
    def lease_seconds(self) -> float:
        """As long as ever."""
        return self._work.lease_seconds

    async def lease_next(self, at: datetime) -> Lease | None:
        """The next batch."""
        return await self._work.lease_next(at)

    async def renew(self, lease: Lease) -> None:
        """Say that the work goes on."""
        await self._work.renew(lease)

    def content(self, lease: Lease) -> AsyncIterator[bytes]:
        """Its content."""
        return self._work.content(lease)

    async def record(self, lease: Lease, chunk: DecidedChunk) -> Lease:
        """Put a chunk on record."""
        longer = await self._work.record(lease, chunk)
        before, after = lease.batch.progress, chunk.progress
        rows = {outcome: getattr(after, outcome) - getattr(before, outcome) for outcome in _OUTCOMES}
        self._figures.rows({**rows, "refused": after.rows_refused - before.rows_refused})
        for outcome, times in rows.items():
            self._decided(outcome=outcome, channel=CHANNEL, times=times)
        return longer

    async def end(self, lease: Lease, ended: Batch) -> None:
        """Write its end."""
        await self._work.end(lease, ended)
        if ended.started_at is not None and ended.finished_at is not None:
            seconds = (ended.finished_at - ended.started_at).total_seconds()
            self._figures.batch_ended(state=ended.state.value, seconds=max(0.0, seconds))

    async def release(self, lease: Lease, *, retry_delay_seconds: float = 0.0) -> None:
        """Let another worker have it."""
        await self._work.release(lease, retry_delay_seconds=retry_delay_seconds)


class ObservedOutbox(Outbox):
    """Counts what became of attempts, and how many messages wait whenever that is asked."""

    def __init__(self, outbox: Outbox, figures: BatchFigures) -> None:
        self._outbox = outbox
        self._figures = figures

    async def lease_next(self, *, duration: timedelta) -> Delivery | None:
        """The next message."""
        return await self._outbox.lease_next(duration=duration)

    async def mark_delivered(self, delivery_id: UUID) -> None:
        """It has arrived."""
        await self._outbox.mark_delivered(delivery_id)
        self._figures.delivery("delivered")

    async def mark_failed(self, delivery_id: UUID, reason: str, *, retry_in: timedelta | None) -> None:
        """An attempt failed."""
        await self._outbox.mark_failed(delivery_id, reason, retry_in=retry_in)
        self._figures.delivery("dead" if retry_in is None else "failed")

    async def pending_count(self) -> int:
        """How many wait."""
        waiting = await self._outbox.pending_count()
        self._figures.outbox(waiting)
        return waiting

    async def dead_letters(self, *, limit: int, recipient: str | None = None) -> Sequence[Delivery]:
        """Those that were given up."""
        return await self._outbox.dead_letters(limit=limit, recipient=recipient)

    async def requeue(self, delivery_id: UUID, *, recipient: str | None = None) -> None:
        """Try one again."""
        await self._outbox.requeue(delivery_id, recipient=recipient)
