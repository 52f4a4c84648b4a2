"""What is traced and logged of a worker's batches and deliveries."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from adapters.observability.observability import Observability
from adapters.observability.worker_observer import BatchObserver, DeliveryObserver
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.webhooks.webhooks import Delivery, DeliveryFailed, Messenger
from support.batches import BatchStore
from support.builders import A_MOMENT
from support.memory.batches import MemoryBatches
from support.memory.decisions import MemoryDecisions

Start = Callable[..., Observability]
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def spans(receiver: Any) -> dict[str, Any]:
    return {
        span.name: span
        for _, _, body in receiver.posts
        for exported in ExportTraceServiceRequest.FromString(body).resource_spans
        for span in exported.scope_spans[0].spans
    }


class Worker:
    """A worker whose batches are observed."""

    def __init__(self, observability: Observability) -> None:
        decisions = MemoryDecisions()
        self.batches = MemoryBatches(decisions, lease_seconds=15.0)
        self.observer = BatchObserver(self.batches, observability.tracer)
        self.store = BatchStore(self.batches, self.observer, decisions, decisions)

    async def work(self, stopping: Callable[[], bool] = lambda: False) -> Any:
        return await self.observer.processing(partial(self.store.worker(chunk_rows=100), stopping=stopping))


async def test_a_batch_is_one_span_and_one_line(start: Start, receiver: Any, lines: Any) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")
    worker = Worker(observability)
    batch = await worker.store.submit_file()
    await worker.work()
    observability.close()
    found = spans(receiver)
    assert found["batch.commit"].parent_span_id == found["process batch"].span_id
    (line,) = [line for line in lines() if line["event"] == "batch"]
    assert line.pop("duration_ms") > 0
    assert line["trace_id"] == found["process batch"].trace_id.hex()
    expected = {"batch_id": str(batch.batch_id), "state": "done", "rows": 250, "rejected": 0}
    assert {name: line[name] for name in expected} == expected


async def test_a_worker_without_work_leaves_nothing(start: Start, receiver: Any, lines: Any) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")
    assert await Worker(observability).work() is None
    observability.close()
    assert (receiver.posts, lines()) == ([], [])


async def test_an_interrupted_batch_is_recorded_with_what_was_done(start: Start, lines: Any) -> None:
    worker = Worker(start())
    await worker.store.submit_file()
    stops = iter([False, True])
    await worker.work(lambda: next(stops))
    await worker.work()
    first, second = [line for line in lines() if line["event"] == "batch"]
    assert (first["state"], first["rows"]) == ("interrupted", 100)
    assert (second["state"], second["rows"]) == ("done", 250)


async def test_an_outage_is_recorded_by_its_type(start: Start, receiver: Any, lines: Any) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")
    worker = Worker(observability)
    await worker.store.submit_file()

    async def unavailable(*_: Any) -> Any:
        raise DependencyUnavailable("the database does not answer")

    worker.batches.record = unavailable  # type: ignore[method-assign] # the outage
    with pytest.raises(DependencyUnavailable):
        await worker.work()
    observability.close()
    (line,) = [line for line in lines() if line["event"] == "batch"]
    assert (line["level"], line["state"], line["error"]) == ("warning", "interrupted", "DependencyUnavailable")
    for span in spans(receiver).values():
        assert span.status.code == 2, span.name


@pytest.mark.parametrize("fails", [False, True])
async def test_a_delivery_continues_the_trace_of_the_submission(
    start: Start, receiver: Any, lines: Any, fails: bool
) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")
    sent: list[str | None] = []

    class Post(Messenger):
        async def deliver(self, delivery: Delivery, *, at: Any) -> None:
            sent.append(observability.traceparent())
            if fails:
                raise DeliveryFailed("the response had status 503")

    delivery = a_delivery("https://hooks.portal.example/s3cret?token=s3cret", f"00-{TRACE}-{PARENT}-01")
    messenger = DeliveryObserver(Post(), observability.tracer)
    if fails:
        with pytest.raises(DeliveryFailed):
            await messenger.deliver(delivery, at=A_MOMENT)
    else:
        await messenger.deliver(delivery, at=A_MOMENT)
    observability.close()
    span = spans(receiver)["POST webhook"]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert sent == [f"00-{TRACE}-{span.span_id.hex()}-01"]
    assert b"s3cret" not in receiver.posts[0][2]
    (line,) = [line for line in lines() if line["event"] == "webhook"]
    assert (line["result"], line["attempt"], line["trace_id"]) == ("failed" if fails else "delivered", 1, TRACE)
    assert "s3cret" not in str(line)


def a_delivery(url: str, traceparent: str) -> Delivery:

    return Delivery(uuid4(), uuid4(), "portal", url, "batch.done", "{}", A_MOMENT, traceparent=traceparent)
