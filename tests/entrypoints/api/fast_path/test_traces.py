"""Spans of requests on the fast path equal those of the ASGI application, although they are created afterwards."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from adapters.observability.observability import Observability
from application.use_cases.decisions.assess_many import AssessMany
from support.fast_path_server import (
    ASGI,
    Connection,
    FailingModel,
    FastPathServer,
    Serving,
    a_body,
)

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"


@pytest.fixture
def observability(start: Any, receiver: Any) -> Observability:
    return start(otlp_endpoint=f"http://{receiver.address}")


@pytest.fixture
async def server(serving: Serving, service: Any, observability: Observability) -> FastPathServer:
    return await serving(observability=observability, assess_many=observed(service, observability))


@pytest.fixture
async def connection(server: FastPathServer) -> Connection:
    return await server.connect()


def observed(service: Any, observability: Observability, **replaced: Any) -> AssessMany:
    """The use case and its ledger, with spans."""
    assess = service.use_cases().assess
    assess = type(assess)(
        **{name: getattr(assess, name) for name in ("cache", "clock", "identifiers", "model", "policy")}
        | replaced,
        ledger=observability.observe_ledger(assess.ledger),
    )
    return observability.observe_batch(AssessMany(assess), "assess_loan_application")


def spans(observability: Observability, receiver: Any) -> list[Any]:
    """All exported spans."""
    observability.close()
    return [
        span
        for _, _, body in receiver.posts
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def attributes(span: Any) -> dict[str, Any]:
    return {pair.key: pair.value.string_value or pair.value.int_value for pair in span.attributes}


def trees(found: Sequence[Any]) -> list[list[Any]]:
    """The spans of each trace, from the root down; each has one child at most."""
    by_parent = {span.parent_span_id: span for span in found}
    roots = [span for span in found if span.parent_span_id not in {each.span_id for each in found}]
    chains = []
    for root in roots:
        chain = [root]
        while chain[-1].span_id in by_parent:
            chain.append(by_parent[chain[-1].span_id])
        chains.append(chain)
    return chains


async def test_each_request_of_a_batch_has_a_trace_of_its_own(
    server: FastPathServer, observability: Observability, receiver: Any
) -> None:
    answers = await server.send_together(*[server.post()] * 3)
    assert server.batch_sizes == [3]
    chains = trees(spans(observability, receiver))
    assert [[span.name for span in chain] for chain in chains] == [
        ["POST /api/v1/predictions", "assess_loan_application", "ledger.record"]
    ] * 3
    assert len({span.trace_id for chain in chains for span in chain}) == 3
    for chain in chains:
        assert len({span.trace_id for span in chain}) == 1
        for outer, inner in pairwise(chain):
            assert outer.start_time_unix_nano <= inner.start_time_unix_nano
            assert inner.end_time_unix_nano <= outer.end_time_unix_nano
    lines = {line["decision_id"]: line["trace_id"] for line in await server.lines()}
    assert {attributes(root)["scoring.decision_id"]: root.trace_id.hex() for root, *_ in chains} == lines
    assert lines.keys() == {answer.json["request_id"] for answer in answers}


async def test_a_span_equals_that_of_the_asgi_application(
    server: FastPathServer, connection: Connection, observability: Observability, receiver: Any
) -> None:
    for path in ("/api/v1/predictions", ASGI):
        await connection.request(server.post(path=path, x_request_id="monday-17"))
    assert server.batch_sizes == [1]
    fast, slow = [span for span in spans(observability, receiver) if span.kind == 2]  # those of servers
    assert attributes(fast) | {"scoring.decision_id": ""} == attributes(slow) | {"scoring.decision_id": ""}
    assert (fast.name, fast.status.code, fast.flags) == (slow.name, slow.status.code, slow.flags)


async def test_the_callers_trace_is_joined(
    server: FastPathServer, connection: Connection, observability: Observability, receiver: Any
) -> None:
    await connection.request(server.post(traceparent=SAMPLED, tracestate="a=1"))
    assert server.batch_sizes == [1]
    (chain,) = trees(spans(observability, receiver))
    assert {span.trace_id.hex() for span in chain} == {TRACE}
    assert chain[0].parent_span_id.hex() == PARENT
    assert {span.trace_state for span in chain} == {"a=1"}


@pytest.mark.parametrize(("headers", "rate"), [({"traceparent": NOT_SAMPLED}, 1.0), ({}, 0.0)])
async def test_a_request_that_is_not_sampled_has_no_spans_but_a_trace_in_the_log(  # noqa: PLR0917 - fixtures
    serving: Serving, service: Any, start: Any, receiver: Any, headers: dict[str, str], rate: float
) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}", trace_sample_rate=rate)
    server = await serving(observability=observability, assess_many=observed(service, observability))
    connection = await server.connect()
    for path in ("/api/v1/predictions", ASGI):
        await connection.request(server.post(path=path, **headers))
    assert [len(line["trace_id"]) for line in await server.lines()] == [32, 32]
    assert spans(observability, receiver) == []


async def test_about_the_configured_share_of_traces_is_sampled(
    serving: Serving, service: Any, start: Any, receiver: Any
) -> None:
    observability = start(otlp_endpoint=f"http://{receiver.address}", trace_sample_rate=0.5)
    server = await serving(observability=observability, assess_many=observed(service, observability))
    for _ in range(4):
        await server.send_together(*[server.post()] * 25)
    assert 20 <= len(trees(spans(observability, receiver))) <= 80


async def test_a_failed_request_has_its_calls_and_its_whole_duration_in_its_trace(
    serving: Serving, service: Any, observability: Observability, receiver: Any
) -> None:
    model = FailingModel(13_000.0)
    server = await serving(observability=observability, assess_many=observed(service, observability, model=model))
    good, bad = await server.send_together(server.post(), server.post(a_body(loan_amnt=13_000.0)))
    assert (good.status, bad.status) == (200, 500)
    found = spans(observability, receiver)
    (failed,) = [span for span in found if attributes(span).get("http.response.status_code") == 500]
    assert attributes(failed)["error.type"] == "ZeroDivisionError"
    (call,) = [span for span in found if span.parent_span_id == failed.span_id]
    assert call.name == "assess_loan_application"
    assert attributes(call) == {"error.type": "ZeroDivisionError"}
    (succeeded,) = [chain for chain in trees(found) if chain[0] != failed]
    assert [attributes(span).get("error.type") for span in succeeded] == [None] * 3
    assert failed.start_time_unix_nano <= call.start_time_unix_nano
    assert call.end_time_unix_nano <= failed.end_time_unix_nano
