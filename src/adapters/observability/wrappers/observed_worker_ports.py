"""A worker's ports with metrics: batches in work, and the outbox."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from adapters.observability.metrics.batch_metrics import BatchMetrics
from adapters.observability.metrics.decision_metrics import DecisionTally
from adapters.observability.metrics.metrics import Metrics
from application.ports.batches.batch_work import BatchWork, DecidedChunk, Lease
from application.ports.webhooks.webhooks import Delivery, Outbox
from domain.batches.batch import Batch

_OUTCOMES = ("approved", "referred", "declined")


class ObservedBatchWork(BatchWork):
    """Counts rows, decisions and finished batches once they are recorded."""

    def __init__(self, work: BatchWork, metrics: Metrics) -> None:
        self._work = work
        self._batches = metrics.batches
        self._decisions = metrics.decisions

    @property
    def lease_seconds(self) -> float:
        return self._work.lease_seconds

    async def lease_next(self, at: datetime) -> Lease | None:
        return await self._work.lease_next(at)

    async def renew(self, lease: Lease) -> None:
        await self._work.renew(lease)

    def content(self, lease: Lease) -> AsyncIterator[bytes]:
        return self._work.content(lease)

    async def record(self, lease: Lease, chunk: DecidedChunk) -> Lease:
        tally = DecisionTally()
        renewed = await self._work.record(lease, replace(chunk, records=tally.counted(chunk.records)))
        self._decisions.recorded_all(tally)
        before, after = lease.batch.progress, chunk.progress
        rows = {outcome: getattr(after, outcome) - getattr(before, outcome) for outcome in _OUTCOMES}
        self._batches.rows_recorded({**rows, "rejected": after.rows_refused - before.rows_refused})
        return renewed

    async def end(self, lease: Lease, ended: Batch) -> None:
        await self._work.end(lease, ended)
        if ended.started_at is not None and ended.finished_at is not None:
            seconds = (ended.finished_at - ended.started_at).total_seconds()
            self._batches.batch_finished(state=ended.state.value, seconds=max(0.0, seconds))

    async def release(self, lease: Lease, *, retry_delay_seconds: float = 0.0) -> None:
        await self._work.release(lease, retry_delay_seconds=retry_delay_seconds)


class ObservedOutbox(Outbox):
    """Counts delivery attempts by result."""

    def __init__(self, outbox: Outbox, metrics: BatchMetrics) -> None:
        self._outbox = outbox
        self._delivery_attempted = metrics.delivery_attempted
        self._events: dict[UUID, str] = {}
        """The events of messages that are leased."""

    async def lease_next(
        self,
        *,
        duration: timedelta,
        busy_receivers: Collection[str] = (),
        busy_recipients: Collection[str] = (),
    ) -> Delivery | None:
        leased = await self._outbox.lease_next(
            duration=duration, busy_receivers=busy_receivers, busy_recipients=busy_recipients
        )
        if leased is not None:
            self._events[leased.delivery_id] = leased.event
        return leased

    async def mark_delivered(self, delivery_id: UUID) -> None:
        await self._outbox.mark_delivered(delivery_id)
        self._count(delivery_id, "delivered")

    async def mark_failed(
        self,
        delivery_id: UUID,
        reason: str,
        *,
        retry_in: timedelta | None,
        pause: timedelta | None = None,
    ) -> None:
        await self._outbox.mark_failed(delivery_id, reason, retry_in=retry_in, pause=pause)
        self._count(delivery_id, "dead" if retry_in is None else "failed")

    def _count(self, delivery_id: UUID, result: str) -> None:
        self._delivery_attempted(self._events.pop(delivery_id, "unknown"), result)

    async def dead_letters(
        self,
        *,
        limit: int,
        after: UUID | None = None,
        recipient: str | None = None,
        of_batches: bool = False,
        subscription_id: UUID | None = None,
    ) -> Sequence[Delivery]:
        return await self._outbox.dead_letters(
            limit=limit, after=after, recipient=recipient, of_batches=of_batches, subscription_id=subscription_id
        )

    async def requeue(self, delivery_id: UUID, *, recipient: str | None = None) -> None:
        await self._outbox.requeue(delivery_id, recipient=recipient)
