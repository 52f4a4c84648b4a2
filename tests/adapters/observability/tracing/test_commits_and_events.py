"""Spans of no single request: group commits, events of pages, and calls of tasks that outlive theirs."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from adapters.observability.observability import Observability
from adapters.observability.tracing import otlp
from adapters.observability.tracing.spans import Kind

Start = Callable[..., Observability]


def spans(receiver: Any) -> list[Any]:
    return [
        span
        for _, _, body in receiver.posts
        for exported in ExportTraceServiceRequest.FromString(body).resource_spans
        for span in exported.scope_spans[0].spans
    ]


async def origin(tracer: Any, name: str) -> object:
    """What a task submits, within a span of this name."""
    span = tracer.begin_root(name, Kind.SERVER)
    found = tracer.commit_origin()
    span.end()
    return found


async def test_a_commit_is_a_child_of_every_submission_and_one_copy_links_them(
    start: Start, receiver: Any
) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")
    tracer: Any = observability.tracer
    origins = [await origin(tracer, "one"), await origin(tracer, "two")]
    tracer.record_commit(origins, decisions=7, started=1.0, ended=1.5)
    observability.close()
    requests = {span.span_id: span for span in spans(receiver) if span.name != "ledger.commit"}
    commits = [span for span in spans(receiver) if span.name == "ledger.commit"]
    assert {commit.parent_span_id for commit in commits} == requests.keys()
    for commit in commits:
        assert commit.trace_id == requests[commit.parent_span_id].trace_id
        assert commit.end_time_unix_nano - commit.start_time_unix_nano == pytest.approx(500_000_000, abs=1000)
    (links,) = [commit.links for commit in commits if commit.links]
    assert {link.span_id for link in links} == requests.keys()


async def test_a_failed_commit_names_the_type_of_its_error(start: Start, receiver: Any) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")
    tracer: Any = observability.tracer
    tracer.record_commit([await origin(tracer, "one")], decisions=1, started=1.0, ended=6.0, error="TimeoutError")
    observability.close()
    (commit,) = [span for span in spans(receiver) if span.name == "ledger.commit"]
    assert commit.status.code == 2
    assert {pair.key: pair.value.string_value for pair in commit.attributes}["error.type"] == "TimeoutError"
    assert not commit.links


async def test_a_task_that_is_not_sampled_submits_nothing(start: Start) -> None:
    observability = start(otlp_endpoint="http://127.0.0.1:9", trace_sample_rate=0.0)
    assert await origin(observability.tracer, "one") is None


async def test_what_an_event_of_a_page_starts_is_its_child(start: Start, receiver: Any) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")

    async def decide() -> None:
        await asyncio.sleep(0.01)

    observed = observability.observe(decide, "decide")
    with observability.page_event("/batches/{batch_id}"):
        task = asyncio.create_task(observed())  # as NiceGUI runs asynchronous handlers
    await task
    observability.close()
    by_name = {span.name: span for span in spans(receiver)}
    event = by_name["event /batches/{batch_id}"]
    assert by_name["decide"].parent_span_id == event.span_id
    assert event.parent_span_id == b""
    assert event.kind == 2


async def test_a_timer_of_a_page_starts_a_new_trace_once_the_request_is_long_over(
    start: Start, receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")
    refresh = observability.observe(lambda: None, "refresh")
    proceed = asyncio.Event()

    async def timer() -> None:
        refresh()
        await proceed.wait()
        monkeypatch.setattr(otlp, "_STALE_SECONDS", -1.0)
        refresh()

    with observability.page_event("/"):
        task = asyncio.create_task(timer())
    await asyncio.sleep(0.01)
    proceed.set()
    await task
    observability.close()
    (event,) = [span for span in spans(receiver) if span.name == "event /"]
    soon, late = [span for span in spans(receiver) if span.name == "refresh"]
    assert soon.parent_span_id == event.span_id
    assert late.trace_id != event.trace_id
    assert [link.span_id for link in late.links] == [event.span_id]


def test_the_current_span_is_passed_on_as_w3c_header(start: Start, receiver: Any) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")
    tracer: Any = observability.tracer
    assert observability.traceparent() is None
    span = tracer.begin_root("batch", Kind.CONSUMER, f"00-{'a' * 32}-{'b' * 16}-01")
    version, trace_id, span_id, flags = str(observability.traceparent()).split("-")
    span.end()
    observability.close()
    (received,) = spans(receiver)
    assert (version, trace_id, span_id, flags) == ("00", "a" * 32, received.span_id.hex(), "01")
    assert received.parent_span_id.hex() == "b" * 16
