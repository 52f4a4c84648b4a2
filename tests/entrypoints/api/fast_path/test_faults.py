"""What goes wrong with requests that could go straight is told as by the ASGI way, once, and to nobody else."""

from collections.abc import Sequence
from typing import Any

import pytest

from application.ports.decisions.decision_ledger import LedgerUnavailable
from application.ports.decisions.idempotency import Claim
from domain.access.user import Role
from domain.decisions.decision_record import DecisionRecord
from entrypoints.api.decisions.predictions import LARGEST_BODY
from support.fast_path_server import (
    ASGI,
    GOOD,
    IN_PROGRESS,
    PATH,
    FailsOn,
    Held,
    Serving,
    StraightServer,
    Wire,
    a_body,
    send_what_will_be_refused,
    until,
)
from support.memory.decisions import MemoryDecisions

UNLUCKY = 13_000.0
OTHERS = [a_body(loan_amnt=amount) for amount in (5_000.0, 6_000.0, 7_000.0)]

REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
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
    "a body too large": (413, {"body": GOOD + b" " * LARGEST_BODY}),
    "a body much too large": (413, {"body": GOOD + b" " * 4 * LARGEST_BODY}),
}


class UnavailableFor(MemoryDecisions):
    """A ledger that cannot record whoever asks for an amount."""

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        return [
            LedgerUnavailable("there is no room")
            if record.application.terms.amount.dollars == UNLUCKY
            else (await super(UnavailableFor, self).record_each([(record, claim)]))[0]
            for record, claim in entries
        ]


@pytest.mark.parametrize("what", REFUSED)
async def test_a_refusal_is_that_of_the_asgi_way(server: StraightServer, wire: Wire, what: str) -> None:
    status, request = REFUSED[what]
    straight, by_asgi = [await wire.ask(server.post(path=path, **request)) for path in (PATH, ASGI)]
    assert straight.status == by_asgi.status == status
    assert straight.problem == by_asgi.problem
    assert straight.headers.keys() == by_asgi.headers.keys()
    assert (await wire.ask(server.post())).status == 200
    assert server.recorded == 1
    assert server.counted("4xx") == 2
    line, other, _ = await server.lines()
    assert line.keys() == other.keys()
    assert (line["status"], line["problem"]) == (status, other["problem"])


async def test_every_fault_of_an_application_is_named(server: StraightServer, wire: Wire) -> None:
    answer = await wire.ask(server.post(a_body(dti=-1, annual_inc="much", term="9 months")))
    assert {fault["field"] for fault in answer.problem["errors"]} >= {"dti", "annual_inc", "term"}


async def test_two_keys_are_refused(server: StraightServer, wire: Wire) -> None:
    request = server.post(idempotency_key="k-1").replace(
        b"idempotency-key", b"idempotency-key: k-2\r\nidempotency-key"
    )
    assert (await wire.ask(request)).problem["type"].endswith("invalid-idempotency-key")
    assert server.recorded == 0


async def test_another_method_is_refused(server: StraightServer, wire: Wire) -> None:
    await wire.ask(server.post())
    answer = await wire.ask(server.post(b"").replace(b"POST", b"GET", 1))
    assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")
    assert answer.problem


@pytest.mark.parametrize(
    "garbage", [b"POST /api/v1/predictions HTTP/1.1\r\nno header\r\n\r\n", b"\x16\x03\x01\r\n\r\n"]
)
async def test_what_is_no_http_is_refused(server: StraightServer, wire: Wire, garbage: bytes) -> None:
    answer = await wire.ask(garbage)
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert await wire.ended()
    (answer,) = await server.ask_together(server.post())
    assert answer.status == 200


async def test_two_lengths_are_refused_and_nothing_is_decided(server: StraightServer, wire: Wire) -> None:
    request = server.post().replace(b"content-length", b"content-length: 5\r\ncontent-length")
    assert (await wire.ask(request)).status == 400
    assert await wire.ended()
    assert server.recorded == 0


async def test_of_those_who_come_together_only_the_one_that_is_not_recorded_is_told_so(
    serving: Serving, service: Any
) -> None:
    service.decisions = UnavailableFor()
    server = await serving()
    wires = [await server.connect() for _ in range(4)]
    for wire, body in zip(wires, [OTHERS[0], a_body(loan_amnt=UNLUCKY), *OTHERS[1:]], strict=True):
        wire.send(server.post(body))
    good, bad, *others = [await wire.answer() for wire in wires]
    assert server.together.sizes == [4]
    assert [answer.status for answer in (good, bad, *others)] == [200, 503, 200, 200]
    assert bad.headers["retry-after"]
    assert server.recorded == 3
    again, by_asgi = [
        await wires[1].ask(server.post(a_body(loan_amnt=UNLUCKY), path=path)) for path in (PATH, ASGI)
    ]
    assert bad.problem == again.problem == by_asgi.problem
    assert (await wires[1].ask(server.post())).status == 200


async def test_the_one_whom_the_model_fails_on_is_told_so_and_logged_once(serving: Serving, service: Any) -> None:
    server = await serving(model=FailsOn(UNLUCKY))
    bodies = [OTHERS[0], a_body(loan_amnt=UNLUCKY), *OTHERS[1:]]
    answers = await server.ask_together(*map(server.post, bodies))
    assert server.together.sizes == [4]
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


async def test_the_connection_of_whom_the_model_fails_on_goes_on(serving: Serving, service: Any) -> None:
    server = await serving(model=FailsOn(UNLUCKY))
    wire = await server.connect()
    assert (await wire.ask(server.post(a_body(loan_amnt=UNLUCKY)))).status == 500
    assert (await wire.ask(server.post())).status == 200
    assert server.together.sizes == [1, 1]


async def test_where_all_fail_everybody_is_told(serving: Serving) -> None:
    async def fail(asked: Sequence[Any]) -> Any:
        raise RuntimeError("a fault of ours")

    server = await serving(assess_many=fail)
    wires = [await server.connect() for _ in range(3)]
    for wire in wires:
        wire.send(server.post())
    answers = [await wire.answer() for wire in wires]
    assert [answer.status for answer in answers] == [500] * 3
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3
    assert len(await server.lines("a request failed unexpectedly")) == len(await server.lines()) == 3
    assert server.counted("5xx") == 3
    assert IN_PROGRESS in server.shown
    for wire in wires:
        assert (await wire.ask(server.post(path=ASGI))).status == 200


async def test_a_failed_request_is_one_line_with_its_caller_and_the_time_since_it_came(
    serving: Serving, service: Any
) -> None:
    held_up = 0.1
    service.decisions = held = Held()
    server = await serving()
    wire = await server.connect()
    await send_what_will_be_refused(server, wire, held, x_request_id="monday-17")
    assert await wire.says_nothing(held_up)
    held.go_on.set()
    assert (await wire.answer()).headers["x-request-id"] == "monday-17"
    _, line = await server.lines()
    assert held_up * 1000 <= line["duration_ms"] < 5_000
    assert (line["status"], line["request_id"], line["route"]) == (422, "monday-17", PATH)
    assert (line["actor"], line["role"]) == ("broker", "service")
    assert (server.counted("2xx"), server.counted("4xx")) == (1, 1)
    assert IN_PROGRESS in server.shown


async def test_what_failed_is_forgotten_with_the_next_request(server: StraightServer, wire: Wire) -> None:
    await wire.ask(server.post(role=Role.AUDITOR))
    assert (await wire.ask(server.post(path=ASGI))).status == 200
    one, other = await server.lines()
    assert (one["role"], other["role"]) == ("auditor", "service")


async def test_a_failure_of_whoever_is_gone_is_logged_and_disturbs_nobody(serving: Serving, service: Any) -> None:
    service.decisions = held = Held()
    server = await serving()
    leaving, staying = await server.connect(), await server.connect()
    held.go_on.set()
    await staying.ask(server.post(idempotency_key="k-1"))
    held.go_on.clear()
    held.reached.clear()
    leaving.send(server.post(a_body(dti=1.0), idempotency_key="k-1"))
    staying.send(server.post())
    await held.reached.wait()
    leaving.cut()
    await until(lambda: server.connections == 1)
    held.go_on.set()
    assert (await staying.answer()).status == 200
    (line,) = await server.lines("a request failed, and whoever asked is gone")
    assert line["level"] == "warning"
    assert IN_PROGRESS in server.shown
