"""Failures on the fast path are reported as by the ASGI application, once, and to their own client only."""

from collections.abc import Sequence
from typing import Any

import pytest

from application.ports.decisions.decision_ledger import LedgerUnavailable
from application.ports.decisions.idempotency import Claim
from domain.access.user import Role
from domain.decisions.decision_record import DecisionRecord
from entrypoints.api.decisions.predictions import MAX_BODY_BYTES
from support.fast_path_server import (
    ASGI,
    GOOD,
    IN_PROGRESS,
    PATH,
    BlockedLedger,
    Connection,
    FailingModel,
    FastPathServer,
    Serving,
    a_body,
    send_reused_key,
    until,
)
from support.memory.decisions import MemoryDecisions

FAILING_AMOUNT = 13_000.0
OTHERS = [a_body(loan_amnt=amount) for amount in (5_000.0, 6_000.0, 7_000.0)]

REJECTED: dict[str, tuple[int, dict[str, Any]]] = {
    "no token": (401, {"authorization": None}),
    "a token that is none": (401, {"authorization": "Bearer x"}),
    "a token that is no text": (401, {"authorization": "Bearer é"}),
    "an auditor": (403, {"role": Role.AUDITOR}),
    "an auditor with a key": (403, {"role": Role.AUDITOR, "idempotency_key": "k-1"}),
    "no JSON": (400, {"body": b"{"}),
    "nothing": (400, {"body": b""}),
    "an application with many faults": (422, {"body": a_body(dti=-1, term="9 months", purpose=None)}),
    "a field too many": (422, {"body": a_body(name="Ngozi")}),
    "no application": (422, {"body": b"[]"}),
    "another kind of body": (415, {"content_type": "text/plain"}),
    "no kind of body": (415, {"content_type": None}),
    "a compressed body": (415, {"content_encoding": "gzip"}),
    "a key that is none": (400, {"idempotency_key": "two words"}),
    "a body too large": (413, {"body": GOOD + b" " * MAX_BODY_BYTES}),
    "a body much too large": (413, {"body": GOOD + b" " * 4 * MAX_BODY_BYTES}),
}


class PartlyUnavailableLedger(MemoryDecisions):
    """A ledger that cannot record applications for one amount."""

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        return [
            LedgerUnavailable("the queue is full")
            if record.application.terms.amount.dollars == FAILING_AMOUNT
            else (await super(PartlyUnavailableLedger, self).record_each([(record, claim)]))[0]
            for record, claim in entries
        ]


@pytest.mark.parametrize("what", REJECTED)
async def test_a_rejection_equals_that_of_the_asgi_application(
    server: FastPathServer, connection: Connection, what: str
) -> None:
    status, request = REJECTED[what]
    fast, slow = [await connection.request(server.post(path=path, **request)) for path in (PATH, ASGI)]
    assert fast.status == slow.status == status
    assert fast.problem == slow.problem
    assert fast.headers.keys() == slow.headers.keys()
    assert (await connection.request(server.post())).status == 200
    assert server.recorded == 1
    assert server.counted("4xx") == 2
    line, other, _ = await server.lines()
    assert line.keys() == other.keys()
    assert (line["status"], line["problem"]) == (status, other["problem"])


async def test_every_invalid_field_is_reported(server: FastPathServer, connection: Connection) -> None:
    answer = await connection.request(server.post(a_body(dti=-1, annual_inc="much", term="9 months")))
    assert {fault["field"] for fault in answer.problem["errors"]} >= {"dti", "annual_inc", "term"}


async def test_two_keys_are_rejected(server: FastPathServer, connection: Connection) -> None:
    request = server.post(idempotency_key="k-1").replace(
        b"idempotency-key", b"idempotency-key: k-2\r\nidempotency-key"
    )
    assert (await connection.request(request)).problem["type"].endswith("invalid-idempotency-key")
    assert server.recorded == 0


async def test_another_method_is_rejected(server: FastPathServer, connection: Connection) -> None:
    await connection.request(server.post())
    answer = await connection.request(server.post(b"").replace(b"POST", b"GET", 1))
    assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")
    assert answer.problem


@pytest.mark.parametrize(
    "garbage", [b"POST /api/v1/predictions HTTP/1.1\r\nno header\r\n\r\n", b"\x16\x03\x01\r\n\r\n"]
)
async def test_malformed_http_is_rejected(server: FastPathServer, connection: Connection, garbage: bytes) -> None:
    answer = await connection.request(garbage)
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert await connection.is_closed()
    (answer,) = await server.send_together(server.post())
    assert answer.status == 200


async def test_two_content_lengths_are_rejected(server: FastPathServer, connection: Connection) -> None:
    request = server.post().replace(b"content-length", b"content-length: 5\r\ncontent-length")
    assert (await connection.request(request)).status == 400
    assert await connection.is_closed()
    assert server.recorded == 0


async def test_a_decision_that_cannot_be_recorded_fails_alone_in_its_batch(serving: Serving, service: Any) -> None:
    service.decisions = PartlyUnavailableLedger()
    server = await serving()
    connections = [await server.connect() for _ in range(4)]
    for connection, body in zip(
        connections, [OTHERS[0], a_body(loan_amnt=FAILING_AMOUNT), *OTHERS[1:]], strict=True
    ):
        connection.send(server.post(body))
    good, bad, *others = [await connection.answer() for connection in connections]
    assert server.batch_sizes == [4]
    assert [answer.status for answer in (good, bad, *others)] == [200, 503, 200, 200]
    assert bad.headers["retry-after"]
    assert server.recorded == 3
    again, slow = [
        await connections[1].request(server.post(a_body(loan_amnt=FAILING_AMOUNT), path=path))
        for path in (PATH, ASGI)
    ]
    assert bad.problem == again.problem == slow.problem
    assert (await connections[1].request(server.post())).status == 200


async def test_a_failure_of_the_model_affects_one_request_and_is_logged_once(
    serving: Serving, service: Any
) -> None:
    server = await serving(model=FailingModel(FAILING_AMOUNT))
    bodies = [OTHERS[0], a_body(loan_amnt=FAILING_AMOUNT), *OTHERS[1:]]
    answers = await server.send_together(*map(server.post, bodies))
    assert server.batch_sizes == [4]
    assert [answer.status for answer in answers] == [200, 500, 200, 200]
    assert answers[1].problem["type"] == "urn:credit-scoring:problem:unexpected"
    assert server.recorded == 3
    (unexpected,) = await server.lines("a request failed unexpectedly")
    assert unexpected["request_id"] == answers[1].headers["x-request-id"]
    (failed,) = [line for line in await server.lines() if line["status"] == 500]
    assert (failed["level"], failed["error"]) == ("error", "ZeroDivisionError")
    assert (server.counted("2xx"), server.counted("5xx")) == (3, 1)
    assert 'scoring_errors_total{type="ZeroDivisionError",where="request"} 1.0' in server.shown
    assert IN_PROGRESS in server.shown


async def test_a_connection_survives_a_failed_request(serving: Serving, service: Any) -> None:
    server = await serving(model=FailingModel(FAILING_AMOUNT))
    connection = await server.connect()
    assert (await connection.request(server.post(a_body(loan_amnt=FAILING_AMOUNT)))).status == 500
    assert (await connection.request(server.post())).status == 200
    assert server.batch_sizes == [1, 1]


async def test_every_request_of_a_failed_batch_is_answered(serving: Serving) -> None:
    async def fail(requests: Sequence[Any]) -> Any:
        raise RuntimeError("an unexpected error")

    server = await serving(assess_many=fail)
    connections = [await server.connect() for _ in range(3)]
    for connection in connections:
        connection.send(server.post())
    answers = [await connection.answer() for connection in connections]
    assert [answer.status for answer in answers] == [500] * 3
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3
    assert len(await server.lines("a request failed unexpectedly")) == len(await server.lines()) == 3
    assert server.counted("5xx") == 3
    assert IN_PROGRESS in server.shown
    for connection in connections:
        assert (await connection.request(server.post(path=ASGI))).status == 200


async def test_a_failed_request_is_logged_with_its_caller_and_whole_duration(
    serving: Serving, service: Any
) -> None:
    delay = 0.1
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    connection = await server.connect()
    await send_reused_key(server, connection, ledger, x_request_id="monday-17")
    assert await connection.is_silent_for(delay)
    ledger.unblocked.set()
    assert (await connection.answer()).headers["x-request-id"] == "monday-17"
    _, line = await server.lines()
    assert delay * 1000 <= line["duration_ms"] < 5_000
    assert (line["status"], line["request_id"], line["route"]) == (422, "monday-17", PATH)
    assert (line["actor"], line["role"]) == ("broker", "service")
    assert (server.counted("2xx"), server.counted("4xx")) == (1, 1)
    assert IN_PROGRESS in server.shown


async def test_a_failure_does_not_affect_the_next_request(server: FastPathServer, connection: Connection) -> None:
    await connection.request(server.post(role=Role.AUDITOR))
    assert (await connection.request(server.post(path=ASGI))).status == 200
    one, other = await server.lines()
    assert (one["role"], other["role"]) == ("auditor", "service")


async def test_a_failure_after_the_client_disconnected_is_logged(serving: Serving, service: Any) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    disconnected, connected = await server.connect(), await server.connect()
    ledger.unblocked.set()
    await connected.request(server.post(idempotency_key="k-1"))
    ledger.unblocked.clear()
    ledger.reached.clear()
    disconnected.send(server.post(a_body(dti=1.0), idempotency_key="k-1"))
    connected.send(server.post())
    await ledger.reached.wait()
    disconnected.abort()
    await until(lambda: server.connections == 1)
    ledger.unblocked.set()
    assert (await connected.answer()).status == 200
    (line,) = await server.lines("a request failed after its client had disconnected")
    assert line["level"] == "warning"
    assert IN_PROGRESS in server.shown
