"""Sampling, and a collector that is away, in the running service."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from time import perf_counter

import httpx
import pytest

from harness.polling import eventually
from harness.running_service import Service
from support.otlp_receiver import Spans, otlp_receiver
from support.traced_service import APPLICATION, Traced

pytestmark = pytest.mark.timeout(120)
PATH = "/api/v1/predictions"


def caller(*, sampled: bool) -> tuple[str, dict[str, str]]:
    trace_id = token_hex(16)
    return trace_id, {"traceparent": f"00-{trace_id}-{token_hex(8)}-{'01' if sampled else '00'}"}


def check_sampling(service: Service, spans: Spans, client: httpx.Client, *, new_traces: bool) -> None:
    """Whether new traces are exported as given, and those of a caller as the caller says."""
    unsampled, unsampled_header = caller(sampled=False)
    sampled, sampled_header = caller(sampled=True)
    decided = {client.post(PATH, json=APPLICATION).json()["request_id"] for _ in range(10)}
    assert client.post(PATH, json=APPLICATION, headers=unsampled_header).status_code == 200
    assert client.post(PATH, json=APPLICATION, headers=sampled_header).status_code == 200
    spans.wait_for(sampled, f"POST {PATH}", "ledger.commit")  # exported in order, so those before it have arrived
    assert spans.of_trace(unsampled) == []
    lines = [json.loads(line) for line in service.log.splitlines() if '"event":"request"' in line]
    traces = [line["trace_id"] for line in lines if line.get("decision_id") in decided]
    assert len(traces) == 10  # each line names its trace, sampled or not
    assert [bool(spans.of_trace(trace_id)) for trace_id in traces] == [new_traces] * 10


def test_a_rate_of_one_exports_every_new_trace(traced: Traced) -> None:
    with traced.client() as client:
        check_sampling(traced.service, traced.spans, client, new_traces=True)


@pytest.fixture
def unsampled(tmp_path: Path) -> Iterator[tuple[Traced, ExitStack]]:
    """The API with a sampling rate of zero, and what stops its collector."""
    with ExitStack() as collector:
        spans = collector.enter_context(otlp_receiver())
        service = Service(
            tmp_path,
            without=("ui", "worker"),
            SCORING_OTLP_ENDPOINT=spans.endpoint,
            SCORING_TRACE_SAMPLE_RATE="0",
            SCORING_LOG_FORMAT="json",
        )
        try:
            yield Traced(service, spans, None), collector
        finally:
            service.close()


def test_a_rate_of_zero_exports_only_what_callers_sample_and_a_collector_may_be_away(
    unsampled: tuple[Traced, ExitStack],
) -> None:
    traced, collector = unsampled
    with traced.client() as client:
        check_sampling(traced.service, traced.spans, client, new_traces=False)
        collector.close()
        seconds = []
        for _ in range(300):
            started = perf_counter()
            assert client.post(PATH, json=APPLICATION, headers=caller(sampled=True)[1]).status_code == 200
            seconds.append(perf_counter() - started)
    eventually(lambda: "exporting span" in traced.service.log)
    assert sorted(seconds)[150] < 0.1
    started = perf_counter()
    assert traced.service.stop() == 0
    assert perf_counter() - started < 10
