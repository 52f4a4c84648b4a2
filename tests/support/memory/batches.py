"""Batches in memory, for callers and workers."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from application.ports.batches.batch_content import BatchContent
from application.ports.batches.batch_work import BatchWork, DecidedChunk, Lease, LeaseLost
from application.ports.batches.batches import (
    NO_LONGER_KEPT,
    Batches,
    BatchNotFound,
    BatchOutput,
    BatchPage,
    ClaimOn,
    EventOf,
)
from application.ports.decisions.idempotency import OriginalResponseUnavailable
from application.use_cases.batches.batch_messages import message_of_the_end
from domain.audit.event import RecordedEvent
from domain.batches.batch import Batch
from domain.batches.quota import BatchQuota
from support.memory.decisions import MemoryDecisions
from support.memory.outbox import MemoryOutbox

_QUOTA = BatchQuota()


@dataclass(slots=True)
class _Kept:
    """A batch with its content, its output and its lease."""

    batch: Batch
    content: list[bytes]
    results: list[bytes] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    token: UUID | None = None
    lease_until: float = 0.0
    attempts: int = 0


class MemoryBatches(Batches, BatchWork):
    """Both batch ports; decisions and cancellations are recorded in `MemoryDecisions`."""

    def __init__(
        self,
        ledger: MemoryDecisions,
        *,
        lease_seconds: float = 15.0,
        quota: BatchQuota = _QUOTA,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._lease_seconds = lease_seconds
        self._quota = quota
        self._now = now
        self._kept: dict[UUID, _Kept] = {}
        self._claims: dict[tuple[str, str], tuple[bytes, UUID]] = {}
        self.outbox = MemoryOutbox()

    @property
    def lease_seconds(self) -> float:
        return self._lease_seconds

    async def accept(
        self,
        batch: Batch,
        content: BatchContent,
        claim_on: ClaimOn | None = None,
        event_of: EventOf | None = None,
    ) -> Batch:
        chunks = [chunk async for chunk in content.chunks()]
        queued = batch.received(size=content.size, digest=content.digest)
        claim = None if claim_on is None else claim_on(queued)
        if claim is not None and claim.place in self._claims:
            fingerprint, first = self._claims[claim.place]
            claim.check_same_request(fingerprint)
            if first not in self._kept:
                raise OriginalResponseUnavailable(NO_LONGER_KEPT)
            return self._kept[first].batch
        waiting = [each.batch.size for each in self._of(queued.requested_by.name) if not each.batch.state.ended]
        self._quota.check_waiting(len(waiting) + 1, sum(waiting) + queued.size)
        if claim is not None:
            self._claims[claim.place] = (claim.fingerprint, queued.batch_id)
        self._kept[queued.batch_id] = _Kept(queued, chunks)
        if event_of is not None:
            await self._ledger.record_event(event_of(queued))
        return queued

    async def find(self, batch_id: UUID) -> Batch | None:
        return self._kept[batch_id].batch if batch_id in self._kept else None

    async def page(self, *, limit: int, before: UUID | None = None, owner: str | None = None) -> BatchPage:
        batches = [self._kept[each].batch for each in sorted(self._kept, reverse=True)]
        found = [
            batch
            for batch in batches
            if (before is None or batch.batch_id < before) and owner in {None, batch.requested_by.name}
        ]
        return BatchPage(tuple(found[:limit]), found[limit - 1].batch_id if len(found) > limit else None)

    async def cancel(self, batch_id: UUID, event: RecordedEvent) -> Batch:
        if batch_id not in self._kept:
            raise BatchNotFound(f"there is no batch {batch_id}")
        kept = self._kept[batch_id]
        cancelled = kept.batch.cancel(event.at)
        await self._ledger.record_event(event)
        self._end(kept, cancelled)
        return kept.batch

    async def purge(self, *, older_than: timedelta, limit: int) -> int:
        before = datetime.now(UTC) - older_than
        ended = sorted(
            (kept.batch.finished_at, batch_id)
            for batch_id, kept in self._kept.items()
            if kept.batch.finished_at and kept.batch.finished_at < before
        )[:limit]
        for _, batch_id in ended:
            del self._kept[batch_id]
        return len(ended)

    async def output(self, batch_id: UUID, output: BatchOutput) -> AsyncIterator[bytes]:
        kept = self._kept.get(batch_id)
        if kept is None:
            return
        for lines in kept.results if output is BatchOutput.RESULTS else kept.errors:
            if lines:
                yield lines

    async def lease_next(self, at: datetime) -> Lease | None:
        for kept in sorted(self._kept.values(), key=self._turn):
            if not kept.batch.state.ended and kept.lease_until <= self._now():
                kept.batch = kept.batch.begin(at)
                kept.token, kept.attempts = uuid4(), kept.attempts + 1
                self._extend(kept)
                return Lease(kept.batch, kept.token, kept.attempts)
        return None

    async def renew(self, lease: Lease) -> None:
        self._extend(self._held(lease))

    async def content(self, lease: Lease) -> AsyncIterator[bytes]:
        for chunk in self._kept[lease.batch.batch_id].content:
            yield chunk

    async def record(self, lease: Lease, chunk: DecidedChunk) -> Lease:
        kept = self._held(lease)
        await self._ledger.record_all(chunk.records)
        kept.batch = lease.batch.after(chunk.progress)
        kept.results.append(chunk.results)
        kept.errors.append(chunk.errors)
        kept.attempts = 0
        self._extend(kept)
        return replace(lease, batch=kept.batch, attempts=0)

    async def end(self, lease: Lease, ended: Batch) -> None:
        self._end(self._held(lease), ended)

    async def release(self, lease: Lease, *, retry_delay_seconds: float = 0.0) -> None:
        kept = self._held(lease)
        kept.lease_until = self._now() + retry_delay_seconds
        kept.batch, kept.token, kept.attempts = kept.batch.release(), None, max(0, kept.attempts - 1)

    def _of(self, caller: str) -> list[_Kept]:
        return [kept for kept in self._kept.values() if kept.batch.requested_by.name == caller]

    def _turn(self, kept: _Kept) -> tuple[datetime, UUID]:
        never = datetime.min.replace(tzinfo=UTC)
        started = [each.batch.started_at or never for each in self._of(kept.batch.requested_by.name)]
        return max(started), kept.batch.batch_id

    def _held(self, lease: Lease) -> _Kept:
        kept = self._kept[lease.batch.batch_id]
        if kept.token != lease.token:
            raise LeaseLost(f"batch {lease.batch.batch_id} was cancelled or taken over")
        return kept

    def _extend(self, kept: _Kept) -> None:
        kept.lease_until = self._now() + self._lease_seconds

    def _end(self, kept: _Kept, ended: Batch) -> None:
        kept.batch, kept.token, kept.content = ended, None, []
        message = message_of_the_end(ended, uuid4())
        if message is not None:
            self.outbox.put(message)
