"""Traces as received by a collector, over OTLP/HTTP."""

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from adapters.observability.observability import Observability
from application.use_cases.decisions.read_decisions import DecisionNotFound
from support.builders import a_decision_record, an_actor
from support.memory.case_use_cases import read_decision_over
from support.memory.decisions import MemoryDecisions
from support.memory.versions import MemoryPolicies

Start = Callable[..., Observability]
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def received(receiver: Any) -> dict[str, Any]:
    """Return the received spans by name."""
    spans = {}
    for path, _, body in receiver.posts:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            assert (about["service.name"], about["service.version"]) == ("scoring-test", "1.2.3")
            for scope in resource.scope_spans:
                spans |= {span.name: span for span in scope.spans}
    return spans


def attributes(span: Any) -> dict[str, str]:
    return {pair.key: pair.value.string_value or str(pair.value.int_value) for pair in span.attributes}


def reading(observability: Observability, decisions: MemoryDecisions, record: Any) -> Any:
    """Return an application that reads a decision and reports its facts, as the API does."""
    read = observability.observe(read_decision_over(decisions, MemoryPolicies()), "read decision")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["path_template"] = "/decisions/{id}"
        found = await read(record.decision_id, by=an_actor())
        scope["state"]["observed"] = {"decision_id": str(found.decision_id), "outcome": "referred"}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return observability.middleware(app)


async def test_a_request_and_its_use_case_are_one_trace(
    start: Start, receiver: Any, lines: Any, request_through: Any
) -> None:
    observability, decisions, record = (
        start(otlp_endpoint=f"http://{receiver.address}"),
        MemoryDecisions(),
        a_decision_record(),
    )
    await decisions.record(record)
    await request_through(reading(observability, decisions, record), method="GET", path="/decisions/7")
    observability.close()
    spans = received(receiver)
    request, use_case = spans["GET /decisions/{id}"], spans["read decision"]
    assert use_case.trace_id == request.trace_id
    assert use_case.parent_span_id == request.span_id
    assert request.parent_span_id == b""
    assert attributes(request) == {
        "http.request.method": "GET",
        "http.route": "/decisions/{id}",
        "http.response.status_code": "200",
        "scoring.decision_id": str(record.decision_id),
        "scoring.outcome": "referred",
    }
    assert lines()[0]["trace_id"] == request.trace_id.hex()


async def test_a_callers_trace_is_joined(start: Start, receiver: Any, request_through: Any) -> None:
    observability, decisions, record = (
        start(otlp_endpoint=f"http://{receiver.address}/"),
        MemoryDecisions(),
        a_decision_record(),
    )
    await decisions.record(record)
    header = f"00-{TRACE}-{PARENT}-01".encode()
    await request_through(reading(observability, decisions, record), headers=[(b"traceparent", header)])
    observability.close()
    request = received(receiver)["GET /decisions/{id}"]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)


async def test_a_trace_that_the_caller_does_not_sample_has_no_spans(
    start: Start, receiver: Any, request_through: Any
) -> None:
    observability, decisions, record = (
        start(otlp_endpoint=f"http://{receiver.address}"),
        MemoryDecisions(),
        a_decision_record(),
    )
    await decisions.record(record)
    header = f"00-{TRACE}-{PARENT}-00".encode()
    await request_through(reading(observability, decisions, record), headers=[(b"traceparent", header)])
    observability.close()
    assert receiver.posts == []


@pytest.mark.parametrize(
    "header", [b"", b"nonsense", b"00-0-0-01", b"\xff\xfe", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01"]
)
async def test_a_header_that_names_no_trace_is_ignored(
    start: Start, receiver: Any, request_through: Any, header: bytes
) -> None:
    observability, decisions, record = (
        start(otlp_endpoint=f"http://{receiver.address}"),
        MemoryDecisions(),
        a_decision_record(),
    )
    await decisions.record(record)
    await request_through(reading(observability, decisions, record), headers=[(b"traceparent", header)])
    observability.close()
    assert received(receiver)["GET /decisions/{id}"].parent_span_id == b""


@pytest.mark.parametrize("state", ["ssn=123-45-6789,=", "k=" + "v" * 9000, ",".join(f"k{n}=1" for n in range(40))])
async def test_a_malformed_header_of_a_caller_is_not_logged(
    start: Start, request_through: Any, lines: Any, state: str
) -> None:
    observability = start(otlp_endpoint="http://127.0.0.1:9")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    for parent in (f"00-{'a' * 32}-{'b' * 16}-01", "x" * 600):
        headers = [(b"traceparent", parent.encode()), (b"tracestate", state.encode())]
        await request_through(observability.middleware(app), headers=headers, path_template="/decisions")
    assert [line["event"] for line in lines()] == ["request", "request"]
    observability.close()


async def test_concurrent_requests_are_separate_traces(start: Start, receiver: Any, request_through: Any) -> None:
    observability, decisions, record = (
        start(otlp_endpoint=f"http://{receiver.address}"),
        MemoryDecisions(),
        a_decision_record(),
    )
    await decisions.record(record)
    app = reading(observability, decisions, record)
    for _ in range(2):
        await request_through(app)
    observability.close()
    found = [
        span
        for _, _, body in receiver.posts
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for span in resource.scope_spans[0].spans
    ]
    assert len({span.trace_id for span in found}) == 2
    assert len(found) == 4


async def test_a_failed_span_names_only_the_type_of_the_error(
    start: Start, receiver: Any, request_through: Any
) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}")
    app = reading(observability, MemoryDecisions(), a_decision_record())
    with pytest.raises(DecisionNotFound):
        await request_through(app)
    observability.close()
    spans = received(receiver)
    for span in (spans["GET /decisions/{id}"], spans["read decision"]):
        assert attributes(span)["error.type"] == "DecisionNotFound"
        assert span.status.code == 2
        assert not span.events


async def test_an_unreachable_collector_does_not_delay_the_shutdown(start: Start, unused_tcp_port: int) -> None:
    observability = start(otlp_endpoint=f"http://127.0.0.1:{unused_tcp_port}")
    observability.observe(lambda: None, "nothing")()
    started = time.monotonic()
    observability.close()
    assert time.monotonic() - started < 2.2


def test_opentelemetry_is_imported_only_with_an_address() -> None:
    program = """
import io, sys
from adapters.observability.observability import Observability
observability = Observability.start(service="x", version="1", log_stream=io.StringIO())
assert observability.tracer is None and observability.reporter is None
observability.observe(lambda: None, "x")()
observability.close()
print([name for name in sys.modules if name.startswith(("opentelemetry", "sentry_sdk", "requests", "google"))])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
