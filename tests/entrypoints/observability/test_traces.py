"""Traces of the whole service, as a collector receives them."""

import http.client
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from secrets import token_hex
from typing import Any
from uuid import uuid4

import httpx
import pytest

from harness.people import PASSWORD
from harness.polling import eventually
from support.otlp_receiver import attributes
from support.real_browser import NEEDS_CHROMIUM
from support.traced_service import APPLICATION, OFFICER, PERSONAL_DATA, Traced, drive

pytestmark = pytest.mark.timeout(120)
PATH = "/api/v1/predictions"
INTERNAL, SERVER, CLIENT, CONSUMER = 1, 2, 3, 5

Send = Callable[[httpx.Client, dict[str, str]], httpx.Response]


def plain(client: httpx.Client, headers: dict[str, str]) -> httpx.Response:
    """Send the request in one piece, which the fast path answers."""
    request = client.build_request("POST", PATH, json=APPLICATION, headers=headers)
    head = "".join([f"{name}: {value}\r\n" for name, value in request.headers.items() if name != "connection"])
    address = request.url.host, request.url.port or 80
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(f"POST {PATH} HTTP/1.1\r\n{head}connection: close\r\n\r\n".encode() + request.content)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read(), request=request)


def keyed(client: httpx.Client, headers: dict[str, str]) -> httpx.Response:
    return plain(client, headers | {"Idempotency-Key": str(uuid4())})


def ordinary_route(client: httpx.Client, headers: dict[str, str]) -> httpx.Response:
    """Send the body in chunks, which the fast path leaves to the ordinary route."""
    body = httpx.Request("POST", "http://x/", json=APPLICATION).content

    def chunks() -> Iterator[bytes]:
        yield body[:20]
        yield body[20:]

    return client.post(PATH, content=chunks(), headers=headers | {"Content-Type": "application/json"})


def caller() -> tuple[str, str, dict[str, str]]:
    """A caller's trace, its span and its header."""
    trace_id, span_id = token_hex(16), token_hex(8)
    return trace_id, span_id, {"traceparent": f"00-{trace_id}-{span_id}-01"}


def chain(spans: dict[str, Any], name: str) -> list[str]:
    """The names from a span up to the first that was received."""
    by_id = {span.span_id: span for span in spans.values()}
    found = [name]
    while (parent := by_id.get(spans[found[-1]].parent_span_id)) is not None:
        found.append(parent.name)
    return found


@pytest.mark.parametrize("send", [plain, keyed, ordinary_route])
def test_a_decision_is_one_trace_from_the_request_to_the_commit(traced: Traced, send: Send) -> None:
    trace_id, span_id, header = caller()
    with traced.client() as client:
        response = send(client, header)
    assert response.status_code == 200, response.text
    decision = response.json()["prediction"]
    spans = traced.spans.wait_for(trace_id, f"POST {PATH}", "ledger.commit")
    request, commit = spans[f"POST {PATH}"], spans["ledger.commit"]
    assert request.parent_span_id.hex() == span_id
    assert request.kind == SERVER
    names = chain(spans, "ledger.commit")
    assert names[:2] == ["ledger.commit", "ledger.record"]
    assert ("assess_once" if send is ordinary_route else "assess_loan_application") in names
    assert names[-1] == request.name
    assert ("authenticate" in spans) == (send is ordinary_route)
    for inner, outer in pairwise(names):
        assert spans[outer].start_time_unix_nano <= spans[inner].start_time_unix_nano + 1_000_000
        assert spans[inner].end_time_unix_nano <= spans[outer].end_time_unix_nano + 1_000_000
    assert commit.kind == CLIENT
    assert attributes(commit) == {
        "db.system.name": "postgresql",
        "db.operation.name": "INSERT",
        "db.collection.name": "decisions",
        "scoring.commit.decisions": 1,
    }
    found = attributes(request)
    assert found.pop("scoring.request_id") == response.headers["x-request-id"]
    assert found.pop("scoring.confidence")
    assert found == {
        "http.request.method": "POST",
        "http.route": PATH,
        "http.response.status_code": 200,
        "scoring.decision_id": response.json()["request_id"],
        "scoring.outcome": decision["outcome"],
        "scoring.grade": decision["grade"],
        "scoring.model_version": decision["model_version"],
        "scoring.policy_version": decision["policy_version"],
        "scoring.role": "service",
    }


def test_a_shared_commit_links_the_requests_of_its_group(traced: Traced) -> None:
    """Send many requests at once, and find those that shared a commit."""
    callers = [caller() for _ in range(24)]
    clients = [traced.client() for _ in callers]
    with ThreadPoolExecutor(len(callers)) as threads:
        sent = [
            threads.submit(plain, client, header) for client, (_, _, header) in zip(clients, callers, strict=True)
        ]
        assert {each.result().status_code for each in sent} == {200}
    for client in clients:
        client.close()
    commits = [traced.spans.wait_for(trace_id, "ledger.commit")["ledger.commit"] for trace_id, _, _ in callers]
    shared = [commit for commit in commits if attributes(commit)["scoring.commit.decisions"] > 1]
    assert shared, "no two decisions shared a commit"
    linked = [link for commit in shared for link in commit.links]
    assert {link.trace_id for link in linked} == {commit.trace_id for commit in shared}
    assert len(linked) == len(shared)
    for commit in shared:
        assert len(commit.links) in {0, attributes(commit)["scoring.commit.decisions"]}


def test_a_rejected_request_is_traced_without_what_was_sent(traced: Traced) -> None:
    trace_id, _, header = caller()
    with traced.client() as client:
        response = client.post(PATH, json=APPLICATION | {"fico_range_low": 61_234_561}, headers=header)
    assert response.status_code == 422
    span = traced.spans.wait_for(trace_id, f"POST {PATH}")[f"POST {PATH}"]
    assert attributes(span)["scoring.problem"] == "invalid-application"
    assert span.status.code == 0  # the caller's fault is no error of the server


def test_a_batch_its_worker_and_its_webhook_continue_the_submitters_trace(traced: Traced) -> None:
    trace_id, span_id, header = caller()
    response = traced.submit_batch(header)
    assert response.status_code == 202, response.text
    spans = traced.spans.wait_for(
        trace_id, "POST /api/v1/batches", "batches.submit", "process batch", "batch.commit", "POST webhook"
    )
    request, submit, process = (
        spans[name] for name in ("POST /api/v1/batches", "batches.submit", "process batch")
    )
    assert request.parent_span_id.hex() == span_id
    assert submit.parent_span_id == request.span_id
    assert (process.parent_span_id, process.kind) == (submit.span_id, CONSUMER)
    assert spans["batch.commit"].parent_span_id == process.span_id
    assert attributes(process) == {
        "scoring.batch.id": response.json()["batch_id"],
        "scoring.batch.state": "done",
        "scoring.batch.rows": 30,
        "scoring.batch.rejected": 0,
    }
    assert attributes(spans["batch.commit"])["scoring.commit.decisions"] == 30
    delivery = spans["POST webhook"]
    assert (delivery.parent_span_id, delivery.kind) == (submit.span_id, CLIENT)
    assert attributes(delivery)["server.address"] == "127.0.0.1"
    (_, sent, _) = traced.webhooks.posts[-1]
    assert sent["traceparent"] == f"00-{trace_id}-{delivery.span_id.hex()}-01"


@pytest.mark.browser
@NEEDS_CHROMIUM
def test_pages_and_their_events_are_traced(traced: Traced) -> None:
    traced.decide_in_browser()
    wanted = {
        "POST /login",
        "GET /",
        "event /",
        "decide",
        "assess_once",
        "GET /decisions/{decision_id}",
        "read_decision",
    }
    traced.spans.wait_until(lambda spans: wanted <= {span.name for span in spans})
    decide = next(span for span in traced.spans.received if span.name == "decide")
    event = next(span for span in traced.spans.received if span.span_id == decide.parent_span_id)
    assert event.name == "event /"
    assert event.parent_span_id == b""
    assert attributes(event) == {"scoring.page": "/"}
    of_event = traced.spans.wait_for(decide.trace_id.hex(), "ledger.commit")
    assert chain(of_event, "ledger.commit")[-4:] == ["ledger.record", "assess_once", "decide", "event /"]
    assert attributes(decide)["scoring.decision_id"]


def test_a_worker_without_work_exports_nothing(traced: Traced) -> None:
    drive(traced)
    eventually(lambda: any(each["service.name"] == "scoring-worker" for each in traced.spans.resources))
    assert not {"decide_next_batch", "deliver_webhook"} & {span.name for span in traced.spans.received}


def test_each_process_is_identified(traced: Traced) -> None:
    drive(traced)
    eventually(
        lambda: {"scoring-api", "scoring-worker"} <= {each["service.name"] for each in traced.spans.resources}
    )
    resources = {each["service.name"]: each for each in traced.spans.resources}
    assert len({each["service.instance.id"] for each in resources.values()}) == len(resources)
    for each in resources.values():
        assert each["service.version"]
        assert each["deployment.environment.name"] == "test"


def test_no_export_holds_personal_data(traced: Traced) -> None:
    """Search everything that this and the tests above made the service export and log."""
    drive(traced)
    eventually(lambda: b"assess_loan_application" in traced.spans.exported and b"webhook" in traced.spans.exported)
    exported = traced.spans.exported.decode("latin-1")
    found = [each for each in PERSONAL_DATA if contains(exported, each)]
    assert found == []
    token = traced.service.authorization.rpartition(" ")[2]
    for secret in (OFFICER, "harness", PASSWORD, token, "s3cret-path"):
        assert secret not in exported
    log = traced.service.log
    assert [each for each in PERSONAL_DATA if contains(log, each)] == []
    for secret in (PASSWORD, token, "s3cret-path"):
        assert secret not in log


def contains(text: str, value: str) -> bool:
    """Whether the value occurs as a whole: times and identifiers contain any digits by chance."""
    return re.search(rf"(?<![0-9a-fA-F.]){re.escape(value)}(?![0-9a-fA-F])", text) is not None
