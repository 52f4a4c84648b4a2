"""One span and one log line for each batch that a worker processes and for each webhook delivery."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from time import perf_counter
from typing import TypeVar
from urllib.parse import urlsplit

import structlog

from adapters.observability.tracing.spans import Kind, OpenSpan, Tracer
from application.ports.batches.batch_work import BatchWork, DecidedChunk, Lease
from application.ports.webhooks.webhooks import Delivery, DeliveryFailed, Messenger
from domain.batches.batch import Batch

Result = TypeVar("Result")
_CHUNK_ATTRIBUTES = {
    "db.system.name": "postgresql",
    "db.operation.name": "INSERT",
    "db.collection.name": "decisions",
}


class BatchObserver(BatchWork):
    """Observes a worker's access to batches, one batch at a time.

    The span of a batch continues the trace of the request that submitted it. It begins with the lease and ends
    with `processing`; a worker that finds no batch leaves no span and no line.
    """

    def __init__(self, work: BatchWork, tracer: Tracer | None) -> None:
        self._work = work
        self._tracer = tracer
        self._log = structlog.get_logger().bind()
        self._span: OpenSpan | None = None
        self._lease: Lease | None = None
        self._ended: Batch | None = None

    @property
    def lease_seconds(self) -> float:
        return self._work.lease_seconds

    async def processing(self, decide: Callable[[], Awaitable[Result]]) -> Result:
        """Await what decides one batch, and record it."""
        started = perf_counter()
        self._span = self._lease = self._ended = None
        error: str | None = None
        try:
            return await decide()
        except BaseException as fault:
            error = type(fault).__name__
            raise
        finally:
            if self._lease is not None:
                self._record(self._lease, perf_counter() - started, error)

    def _record(self, lease: Lease, seconds: float, error: str | None) -> None:
        batch = self._ended or lease.batch
        progress = batch.progress
        facts: dict[str, str | int] = {
            "batch_id": str(batch.batch_id),
            "state": batch.state.value if self._ended else "interrupted",
            "rows": progress.rows_read,
            "rejected": progress.rows_refused,
        }
        line = {**facts, "actor": batch.requested_by.name, "duration_ms": round(seconds * 1000, 3)}
        if error is not None:
            line["error"] = error
        if self._span is not None:
            self._span.end(
                {f"scoring.batch.{name.removeprefix('batch_')}": facts[name] for name in facts}, error=error
            )
            line["trace_id"] = self._span.trace_id
        write = self._log.info if error is None else self._log.warning
        write("batch", **line)

    async def lease_next(self, at: datetime) -> Lease | None:
        self._lease = lease = await self._work.lease_next(at)
        if lease is not None and self._tracer is not None:
            self._span = self._tracer.begin_root("process batch", Kind.CONSUMER, lease.traceparent)
        return lease

    async def renew(self, lease: Lease) -> None:
        await self._work.renew(lease)

    def content(self, lease: Lease) -> AsyncIterator[bytes]:
        return self._work.content(lease)

    async def record(self, lease: Lease, chunk: DecidedChunk) -> Lease:
        """Record a chunk; the span includes the creation of its records, which happens while they are written."""
        span = None if self._tracer is None else self._tracer.begin("batch.commit", Kind.CLIENT)
        before = lease.batch.progress
        try:
            self._lease = renewed = await self._work.record(lease, chunk)
        except BaseException as fault:
            if span is not None:
                span.end(_CHUNK_ATTRIBUTES, error=type(fault).__name__)
            raise
        if span is not None:
            decided = chunk.progress.rows_decided - before.rows_decided
            span.end({**_CHUNK_ATTRIBUTES, "scoring.commit.decisions": decided})
        return renewed

    async def end(self, lease: Lease, ended: Batch) -> None:
        await self._work.end(lease, ended)
        self._ended = ended

    async def release(self, lease: Lease, *, retry_delay_seconds: float = 0.0) -> None:
        await self._work.release(lease, retry_delay_seconds=retry_delay_seconds)


class DeliveryObserver(Messenger):
    """Observes webhook deliveries; each attempt is a span in the trace of the batch's submission."""

    def __init__(self, messenger: Messenger, tracer: Tracer | None) -> None:
        self._messenger = messenger
        self._tracer = tracer
        self._log = structlog.get_logger().bind()

    async def deliver(self, delivery: Delivery, *, at: datetime) -> None:
        """Deliver the message; the receiver's address may hold a token, so only its host is recorded."""
        started = perf_counter()
        span = None
        if self._tracer is not None:
            span = self._tracer.begin_root("POST webhook", Kind.CLIENT, delivery.traceparent)
        error: str | None = None
        try:
            await self._messenger.deliver(delivery, at=at)
        except BaseException as fault:
            error = type(fault).__name__
            raise
        finally:
            self._record(delivery, perf_counter() - started, span, error)

    def _record(self, delivery: Delivery, seconds: float, span: OpenSpan | None, error: str | None) -> None:
        facts: dict[str, str | int] = {
            **_subject(delivery),
            "delivery_id": str(delivery.delivery_id),
            "webhook_event": delivery.event,
            "attempt": delivery.attempts + 1,
            "result": "delivered" if error is None else "failed",
        }
        line = {**facts, "actor": delivery.recipient, "duration_ms": round(seconds * 1000, 3)}
        if error is not None:
            line["error"] = error
        if span is not None:
            span.end(_client_attributes(delivery), error=error)
            line["trace_id"] = span.trace_id
        expected = error is None or error == DeliveryFailed.__name__
        (self._log.info if expected else self._log.warning)("webhook", **line)


def _subject(delivery: Delivery) -> dict[str, str]:
    """The batch or the subscription that a message is for."""
    if delivery.batch_id is not None:
        return {"batch_id": str(delivery.batch_id)}
    return {"subscription_id": str(delivery.subscription_id)}


def _client_attributes(delivery: Delivery) -> dict[str, str | int]:
    url = urlsplit(delivery.url)
    return {
        "http.request.method": "POST",
        "http.request.resend_count": delivery.attempts,
        "server.address": url.hostname or "",
        "server.port": url.port or (443 if url.scheme == "https" else 80),
        **{f"scoring.{name.removesuffix('_id')}.id": value for name, value in _subject(delivery).items()},
        "scoring.delivery.id": str(delivery.delivery_id),
        "scoring.delivery.event": delivery.event,
    }
