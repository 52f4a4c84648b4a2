"""Connections on the fast path: every request is answered once and in order, however its bytes arrive."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from support.fast_path_server import (
    ASGI,
    GOOD,
    LIVE,
    Answer,
    BlockedLedger,
    Connection,
    FastPathServer,
    Serving,
    a_body,
    send_reused_key,
    until,
)

CHUNKED: dict[str, Any] = {"content_length": None, "transfer_encoding": "chunked"}


def amounts(many: int) -> list[bytes]:
    """Bodies that ask for different amounts."""
    return [a_body(loan_amnt=1_000.0 * number) for number in range(1, many + 1)]


async def amounts_decided(service: Any, answers: Sequence[Answer]) -> list[float]:
    """The amounts of the decisions that are answered."""
    records = [await service.decisions.find(UUID(answer.json["request_id"])) for answer in answers]
    return [record.application.terms.amount.dollars for record in records]


async def test_a_connection_serves_successive_requests(server: FastPathServer, connection: Connection) -> None:
    answers = [await connection.request(server.post()) for _ in range(20)]
    assert [(answer.status, answer.headers.get("connection")) for answer in answers] == [(200, None)] * 20
    assert server.batch_sizes == [1] * 20


async def test_fast_path_and_asgi_application_share_a_connection(
    server: FastPathServer, connection: Connection
) -> None:
    for request in (LIVE, server.post(), server.post(path=ASGI), server.post(), server.post(b"{"), server.post()):
        await connection.request(request)
    assert server.batch_sizes == [1, 1, 1]
    assert server.recorded == 4


async def test_a_connection_is_closed_on_request(server: FastPathServer, connection: Connection) -> None:
    answer = await connection.request(server.post(connection="close"))
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await connection.is_closed()
    assert server.batch_sizes == [1]


async def test_a_connection_is_closed_on_request_after_a_failure(
    server: FastPathServer, connection: Connection
) -> None:
    await connection.request(server.post(idempotency_key="k-1"))
    answer = await connection.request(server.post(a_body(dti=1.0), idempotency_key="k-1", connection="close"))
    assert (answer.status, answer.headers["connection"]) == (422, "close")
    assert await connection.is_closed()


async def test_a_new_connection_uses_the_fast_path_after_one_was_closed(server: FastPathServer) -> None:
    await server.send_together(server.post(connection="close"))
    await server.send_together(server.post())
    assert server.batch_sizes == [1, 1]


async def test_an_idle_connection_is_closed(serving: Serving) -> None:
    server = await serving(idle=0.1)
    connection = await server.connect()
    assert [(await connection.request(server.post())).status for _ in range(2)] == [200, 200]
    assert await connection.is_closed()
    assert server.batch_sizes == [1, 1]


async def test_a_connection_is_not_idle_while_a_request_is_in_progress(serving: Serving, service: Any) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving(idle=0.1)
    connection = await server.connect()
    ledger.unblocked.set()
    await connection.request(server.post())
    ledger.unblocked.clear()
    connection.send(server.post())
    assert await connection.is_silent_for(0.2)
    ledger.unblocked.set()
    assert (await connection.answer()).status == 200


async def test_idle_time_starts_at_the_last_response(serving: Serving) -> None:
    server = await serving(idle=1.0)
    connection = await server.connect()
    for _ in range(3):
        assert (await connection.request(server.post())).status == 200
        assert await connection.is_silent_for(0.6)
    assert await connection.is_closed()
    assert server.batch_sizes == [1, 1, 1]


async def test_idle_time_starts_at_the_last_response_of_either_path(serving: Serving) -> None:
    server = await serving(idle=1.0)
    connection = await server.connect()
    for request in (server.post(), LIVE, server.post()):
        assert (await connection.request(request)).status == 200
        assert await connection.is_silent_for(0.6)
    assert await connection.is_closed()
    assert server.batch_sizes == [1, 1]


@pytest.mark.parametrize("many", [1, -1])
async def test_a_connection_is_not_idle_within_a_request(serving: Serving, many: int) -> None:
    server = await serving(idle=0.1)
    connection = await server.connect()
    assert (await connection.request(server.post())).status == 200
    request = server.post()
    connection.send(request[:many])
    assert await connection.is_silent_for(0.3)
    assert (await connection.request(request[many:])).status == 200


async def test_http_1_0_is_answered(server: FastPathServer, connection: Connection) -> None:
    answer = await connection.request(server.post(http="1.0"))
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await connection.is_closed()
    assert server.recorded == 1


async def test_pipelined_requests_are_answered_in_order(
    server: FastPathServer, connection: Connection, service: Any
) -> None:
    connection.send(*map(server.post, amounts(3)))
    assert await amounts_decided(service, await connection.answers(3)) == [1_000.0, 2_000.0, 3_000.0]
    assert server.recorded == 3


async def test_pipelined_requests_of_other_routes_are_answered_in_order(
    server: FastPathServer, connection: Connection
) -> None:
    connection.send(server.post(), LIVE, server.post(b"{"), server.post(), LIVE)
    assert [answer.status for answer in await connection.answers(5)] == [200, 200, 400, 200, 200]
    assert server.recorded == 2


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_request_sent_before_the_response_is_answered_after_it(
    serving: Serving, service: Any, at_once: bool
) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    connection = await server.connect()
    first, second, third = map(server.post, amounts(3))
    connection.send(first)
    await ledger.reached.wait()
    for later in [[second, LIVE, third]] if at_once else [[second], [LIVE], [third]]:
        connection.send(*later)
        assert await connection.is_silent_for(0.02)
    assert server.batch_sizes == [1]
    ledger.unblocked.set()
    one, two, live, three = await connection.answers(4)
    assert await amounts_decided(service, [one, two, three]) == [1_000.0, 2_000.0, 3_000.0]
    assert live.json["status"] == "alive"
    assert server.recorded == 3


async def test_a_request_sent_during_an_asgi_request_is_answered_after_it(serving: Serving, service: Any) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    connection = await server.connect()
    first, second = amounts(2)
    connection.send(server.post(first, path=ASGI))
    await ledger.reached.wait()
    connection.send(server.post(second))
    assert await connection.is_silent_for(0.02)
    ledger.unblocked.set()
    assert await amounts_decided(service, await connection.answers(2)) == [1_000.0, 2_000.0]
    assert (await connection.request(server.post())).status == 200
    assert server.batch_sizes == [1]


async def test_part_of_the_next_request_may_arrive_before_the_response(serving: Serving, service: Any) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    connection = await server.connect()
    first, second = map(server.post, amounts(2))
    connection.send(first)
    await ledger.reached.wait()
    connection.send(second[:-20])
    await asyncio.sleep(0.01)
    ledger.unblocked.set()
    one = await connection.answer()
    connection.send(second[-20:])
    assert await amounts_decided(service, [one, await connection.answer()]) == [1_000.0, 2_000.0]


async def test_a_request_pipelined_after_a_failure_is_answered_after_it(serving: Serving, service: Any) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    ledger.unblocked.set()
    connection = await server.connect()
    await connection.request(server.post(idempotency_key="k-1"))
    ledger.unblocked.clear()
    ledger.reached.clear()
    connection.send(server.post(a_body(dti=1.0), idempotency_key="k-1"))
    await ledger.reached.wait()
    connection.send(server.post(), LIVE)
    await asyncio.sleep(0.01)
    ledger.unblocked.set()
    assert [answer.status for answer in await connection.answers(3)] == [422, 200, 200]
    assert server.recorded == 2


async def test_a_body_sent_separately_uses_the_fast_path(server: FastPathServer, connection: Connection) -> None:
    request = server.post()
    connection.send(request[: -len(GOOD)])
    await asyncio.sleep(0.005)
    assert (await connection.request(GOOD)).status == 200
    assert server.batch_sizes == [1]


async def test_a_late_body_is_left_to_the_asgi_application(server: FastPathServer, connection: Connection) -> None:
    request = server.post()
    connection.send(request[: -len(GOOD)])
    await asyncio.sleep(0.2)
    assert (await connection.request(GOOD)).status == 200
    assert (server.batch_sizes, server.recorded) == ([], 1)
    assert (await connection.request(server.post())).status == 200
    assert server.batch_sizes == [1]


async def test_a_trickled_request_is_left_to_the_asgi_application(
    server: FastPathServer, connection: Connection
) -> None:
    request = server.post()
    for at in range(0, 100, 10):
        connection.send(request[at * len(request) // 100 : (at + 10) * len(request) // 100])
        await asyncio.sleep(0.02)  # each piece within a moment of the one before
    assert (await connection.answer()).status == 200
    assert (server.batch_sizes, server.recorded) == ([], 1)


@pytest.mark.parametrize("piece", [1, 7, 100])
async def test_a_request_in_small_pieces_is_answered(
    server: FastPathServer, connection: Connection, piece: int
) -> None:
    request = server.post(idempotency_key="k-1")
    for start in range(0, len(request), piece):
        connection.send(request[start : start + piece])
        await asyncio.sleep(0)
    assert (await connection.answer()).status == 200
    assert (await connection.request(request)).headers["idempotent-replayed"] == "true"
    assert server.recorded == 1


@pytest.mark.parametrize("seconds", [0.0, 0.1], ids=["within the moment", "after it"])
async def test_a_client_that_disconnects_within_its_request_leaves_nothing(
    server: FastPathServer, seconds: float
) -> None:
    connection = await server.connect()
    connection.send(server.post()[:-1])
    await asyncio.sleep(seconds)
    connection.close()
    await until(lambda: server.connections == 0)
    await asyncio.sleep(0.06)  # longer than the moment
    assert server.recorded == 0
    (answer,) = await server.send_together(server.post())
    assert answer.status == 200


async def test_a_chunked_body_is_answered(server: FastPathServer, connection: Connection) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (GOOD[:50], GOOD[50:]))
    answer = await connection.request(server.post(b"", **CHUNKED), chunks, b"0\r\n\r\n")
    assert (answer.status, server.recorded) == (200, 1)
    assert (await connection.request(server.post())).status == 200
    assert server.batch_sizes == [1]


async def test_expect_100_continue_is_answered(server: FastPathServer, connection: Connection) -> None:
    head = server.post(expect="100-continue")[: -len(GOOD)]
    assert (await connection.request(head)).status == 100
    assert (await connection.request(GOOD)).status == 200
    assert server.recorded == 1


@pytest.mark.parametrize("go", [Connection.close, Connection.abort])
async def test_a_decision_is_recorded_although_its_client_disconnects(
    serving: Serving, service: Any, go: Callable[[Connection], None]
) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    disconnected, connected = await server.connect(), await server.connect()
    for connection in (disconnected, connected):
        connection.send(server.post())
    await ledger.reached.wait()
    go(disconnected)
    await until(lambda: server.connections == 1)
    ledger.unblocked.set()
    assert (await connected.answer()).status == 200
    assert (await connected.request(server.post())).status == 200
    assert server.recorded == 3
    assert server.batch_sizes == [2, 1]
    assert [line["status"] for line in await server.lines()] == [200] * 3


async def test_a_stopping_server_answers_the_request_in_progress(serving: Serving, service: Any) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    busy, idle = await server.connect(), await server.connect()
    busy.send(server.post())
    await ledger.reached.wait()
    busy.send(server.post())  # this one is too late
    server.uvicorn.should_exit = True
    assert await idle.is_closed()
    assert server.stopping
    ledger.unblocked.set()
    answer = await busy.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await busy.is_closed()
    assert server.recorded == 1


async def test_a_stopping_server_reports_a_failure(serving: Serving, service: Any) -> None:
    service.decisions = ledger = BlockedLedger()
    server = await serving()
    connection = await server.connect()
    await send_reused_key(server, connection, ledger)
    server.uvicorn.should_exit = True
    await until(lambda: server.stopping)
    ledger.unblocked.set()
    answer = await connection.answer()
    assert (answer.status, answer.headers["connection"]) == (422, "close")
    assert await connection.is_closed()


async def test_a_stopping_server_answers_a_request_whose_body_arrives_later(
    server: FastPathServer, connection: Connection
) -> None:
    request = server.post()
    connection.send(request[: -len(GOOD)])
    await asyncio.sleep(0.005)
    server.uvicorn.should_exit = True
    await until(lambda: server.stopping)
    answer = await connection.request(GOOD)
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await connection.is_closed()


async def test_a_stopping_server_does_not_wait_for_the_rest_of_a_head(
    server: FastPathServer, connection: Connection
) -> None:
    connection.send(server.post()[:60])
    await asyncio.sleep(0.01)
    server.uvicorn.should_exit = True
    assert await connection.is_closed()


REJECTED_EARLY: dict[str, tuple[int, dict[str, Any]]] = {
    "a body too large": (413, {"content_length": "70000"}),
    "another kind of body": (415, {"content_length": "70000", "content_type": "text/plain"}),
    "no token": (401, {"content_length": "70000", "authorization": None}),
}


@pytest.mark.parametrize("what", REJECTED_EARLY)
@pytest.mark.parametrize("answered_first", [True, False])
async def test_a_request_hidden_in_a_rejected_body_is_ignored(
    server: FastPathServer, connection: Connection, what: str, answered_first: bool
) -> None:
    status, headers = REJECTED_EARLY[what]
    connection.send(server.post(b"", **headers))
    if answered_first:
        assert (await connection.answer()).status == status
    else:
        await asyncio.sleep(0.01)
    hidden = server.post()
    rest = 70_000
    for _ in range(3):
        connection.send(hidden)
        rest -= len(hidden)
        await asyncio.sleep(0.01)
    if not answered_first:
        assert (await connection.answer()).status == status
    assert await connection.is_silent_for(0.05)
    assert (server.batch_sizes, server.recorded) == ([], 0)
    genuine = await connection.request(b" " * rest, server.post())
    assert (genuine.status, server.recorded) == (200, 1)


async def test_a_request_hidden_in_an_unread_body_is_ignored(
    server: FastPathServer, connection: Connection
) -> None:
    hidden = server.post()
    head = b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(hidden)
    assert (await connection.request(head)).status == 200
    connection.send(hidden)
    assert await connection.is_silent_for(0.05)
    assert server.recorded == 0
    assert (await connection.request(server.post())).status == 200
    assert server.recorded == 1
