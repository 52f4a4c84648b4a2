"""Connections with the straight way: what comes, in whatever pieces, is answered once each, and in its order."""

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
    Held,
    Serving,
    StraightServer,
    Wire,
    a_body,
    send_what_will_be_refused,
    until,
)

CHUNKED: dict[str, Any] = {"content_length": None, "transfer_encoding": "chunked"}


def amounts(many: int) -> list[bytes]:
    """Bodies that ask for different amounts."""
    return [a_body(loan_amnt=1_000.0 * number) for number in range(1, many + 1)]


async def asked_for(service: Any, answers: Sequence[Answer]) -> list[float]:
    """The amounts of the decisions that are answered."""
    records = [await service.decisions.find(UUID(answer.json["request_id"])) for answer in answers]
    return [record.application.terms.amount.dollars for record in records]


async def test_one_connection_serves_many_requests_one_after_another(server: StraightServer, wire: Wire) -> None:
    answers = [await wire.ask(server.post()) for _ in range(20)]
    assert [(answer.status, answer.headers.get("connection")) for answer in answers] == [(200, None)] * 20
    assert server.together.sizes == [1] * 20


async def test_either_way_serves_one_connection_in_turns(server: StraightServer, wire: Wire) -> None:
    for request in (LIVE, server.post(), server.post(path=ASGI), server.post(), server.post(b"{"), server.post()):
        await wire.ask(request)
    assert server.together.sizes == [1, 1, 1]
    assert server.recorded == 4


async def test_who_wants_the_connection_closed_has_it_closed(server: StraightServer, wire: Wire) -> None:
    answer = await wire.ask(server.post(connection="close"))
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await wire.ended()
    assert server.together.sizes == [1]


async def test_who_wants_it_closed_has_it_closed_after_a_failure_too(server: StraightServer, wire: Wire) -> None:
    await wire.ask(server.post(idempotency_key="k-1"))
    answer = await wire.ask(server.post(a_body(dti=1.0), idempotency_key="k-1", connection="close"))
    assert (answer.status, answer.headers["connection"]) == (422, "close")
    assert await wire.ended()


async def test_whoever_comes_after_a_connection_that_was_closed_goes_straight(server: StraightServer) -> None:
    await server.ask_together(server.post(connection="close"))
    await server.ask_together(server.post())
    assert server.together.sizes == [1, 1]


async def test_a_connection_that_is_idle_too_long_is_closed(serving: Serving) -> None:
    server = await serving(idle=0.1)
    wire = await server.connect()
    assert [(await wire.ask(server.post())).status for _ in range(2)] == [200, 200]
    assert await wire.ended()
    assert server.together.sizes == [1, 1]


async def test_a_connection_is_not_idle_while_its_request_is_under_way(serving: Serving, service: Any) -> None:
    service.decisions = held = Held()
    server = await serving(idle=0.1)
    wire = await server.connect()
    held.go_on.set()
    await wire.ask(server.post())
    held.go_on.clear()
    wire.send(server.post())
    assert await wire.says_nothing(0.2)
    held.go_on.set()
    assert (await wire.answer()).status == 200


async def test_a_connection_is_idle_from_its_last_answer_on(serving: Serving) -> None:
    server = await serving(idle=1.0)
    wire = await server.connect()
    for _ in range(3):
        assert (await wire.ask(server.post())).status == 200
        assert await wire.says_nothing(0.6)
    assert await wire.ended()
    assert server.together.sizes == [1, 1, 1]


async def test_a_connection_is_idle_from_its_last_answer_on_whoever_gave_it(serving: Serving) -> None:
    server = await serving(idle=1.0)
    wire = await server.connect()
    for request in (server.post(), LIVE, server.post()):
        assert (await wire.ask(request)).status == 200
        assert await wire.says_nothing(0.6)
    assert await wire.ended()
    assert server.together.sizes == [1, 1]


@pytest.mark.parametrize("many", [1, -1])
async def test_a_connection_is_not_idle_within_a_request(serving: Serving, many: int) -> None:
    server = await serving(idle=0.1)
    wire = await server.connect()
    assert (await wire.ask(server.post())).status == 200
    request = server.post()
    wire.send(request[:many])
    assert await wire.says_nothing(0.3)
    assert (await wire.ask(request[many:])).status == 200


async def test_http_1_0_is_answered(server: StraightServer, wire: Wire) -> None:
    answer = await wire.ask(server.post(http="1.0"))
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await wire.ended()
    assert server.recorded == 1


async def test_requests_in_one_write_are_answered_in_their_order(
    server: StraightServer, wire: Wire, service: Any
) -> None:
    wire.send(*map(server.post, amounts(3)))
    assert await asked_for(service, await wire.answers(3)) == [1_000.0, 2_000.0, 3_000.0]
    assert server.recorded == 3


async def test_requests_to_other_places_among_them_keep_their_place(server: StraightServer, wire: Wire) -> None:
    wire.send(server.post(), LIVE, server.post(b"{"), server.post(), LIVE)
    assert [answer.status for answer in await wire.answers(5)] == [200, 200, 400, 200, 200]
    assert server.recorded == 2


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_comes_before_the_answer_waits_for_its_turn(
    serving: Serving, service: Any, at_once: bool
) -> None:
    service.decisions = held = Held()
    server = await serving()
    wire = await server.connect()
    first, second, third = map(server.post, amounts(3))
    wire.send(first)
    await held.reached.wait()
    for later in [[second, LIVE, third]] if at_once else [[second], [LIVE], [third]]:
        wire.send(*later)
        assert await wire.says_nothing(0.02)
    assert server.together.sizes == [1]
    held.go_on.set()
    one, two, live, three = await wire.answers(4)
    assert await asked_for(service, [one, two, three]) == [1_000.0, 2_000.0, 3_000.0]
    assert live.json["status"] == "alive"
    assert server.recorded == 3


async def test_what_comes_while_uvicorn_answers_waits_for_its_turn(serving: Serving, service: Any) -> None:
    service.decisions = held = Held()
    server = await serving()
    wire = await server.connect()
    first, second = amounts(2)
    wire.send(server.post(first, path=ASGI))
    await held.reached.wait()
    wire.send(server.post(second))
    assert await wire.says_nothing(0.02)
    held.go_on.set()
    assert await asked_for(service, await wire.answers(2)) == [1_000.0, 2_000.0]
    assert (await wire.ask(server.post())).status == 200
    assert server.together.sizes == [1]


async def test_half_of_the_next_request_may_come_before_the_answer(serving: Serving, service: Any) -> None:
    service.decisions = held = Held()
    server = await serving()
    wire = await server.connect()
    first, second = map(server.post, amounts(2))
    wire.send(first)
    await held.reached.wait()
    wire.send(second[:-20])
    await asyncio.sleep(0.01)
    held.go_on.set()
    one = await wire.answer()
    wire.send(second[-20:])
    assert await asked_for(service, [one, await wire.answer()]) == [1_000.0, 2_000.0]


async def test_the_next_after_a_failure_is_answered_after_it(serving: Serving, service: Any) -> None:
    service.decisions = held = Held()
    server = await serving()
    held.go_on.set()
    wire = await server.connect()
    await wire.ask(server.post(idempotency_key="k-1"))
    held.go_on.clear()
    held.reached.clear()
    wire.send(server.post(a_body(dti=1.0), idempotency_key="k-1"))
    await held.reached.wait()
    wire.send(server.post(), LIVE)
    await asyncio.sleep(0.01)
    held.go_on.set()
    assert [answer.status for answer in await wire.answers(3)] == [422, 200, 200]
    assert server.recorded == 2


async def test_a_body_right_behind_its_head_goes_straight(server: StraightServer, wire: Wire) -> None:
    request = server.post()
    wire.send(request[: -len(GOOD)])
    await asyncio.sleep(0.005)
    assert (await wire.ask(GOOD)).status == 200
    assert server.together.sizes == [1]


async def test_a_body_that_comes_later_is_answered_all_the_same(server: StraightServer, wire: Wire) -> None:
    request = server.post()
    wire.send(request[: -len(GOOD)])
    await asyncio.sleep(0.2)
    assert (await wire.ask(GOOD)).status == 200
    assert (server.together.sizes, server.recorded) == ([], 1)
    assert (await wire.ask(server.post())).status == 200
    assert server.together.sizes == [1]


async def test_who_trickles_is_not_waited_for_longer_than_a_moment(server: StraightServer, wire: Wire) -> None:
    request = server.post()
    for at in range(0, 100, 10):
        wire.send(request[at * len(request) // 100 : (at + 10) * len(request) // 100])
        await asyncio.sleep(0.02)  # each piece within a moment of the one before
    assert (await wire.answer()).status == 200
    assert (server.together.sizes, server.recorded) == ([], 1)


@pytest.mark.parametrize("piece", [1, 7, 100])
async def test_a_request_in_small_pieces_is_answered(server: StraightServer, wire: Wire, piece: int) -> None:
    request = server.post(idempotency_key="k-1")
    for start in range(0, len(request), piece):
        wire.send(request[start : start + piece])
        await asyncio.sleep(0)
    assert (await wire.answer()).status == 200
    assert (await wire.ask(request)).headers["idempotent-replayed"] == "true"
    assert server.recorded == 1


@pytest.mark.parametrize("seconds", [0.0, 0.1], ids=["within the moment", "after it"])
async def test_who_goes_before_the_body_is_whole_leaves_nothing(server: StraightServer, seconds: float) -> None:
    wire = await server.connect()
    wire.send(server.post()[:-1])
    await asyncio.sleep(seconds)
    wire.close()
    await until(lambda: server.connections == 0)
    await asyncio.sleep(0.06)  # longer than the moment
    assert server.recorded == 0
    (answer,) = await server.ask_together(server.post())
    assert answer.status == 200


async def test_a_body_in_chunks_is_answered(server: StraightServer, wire: Wire) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (GOOD[:50], GOOD[50:]))
    answer = await wire.ask(server.post(b"", **CHUNKED), chunks, b"0\r\n\r\n")
    assert (answer.status, server.recorded) == (200, 1)
    assert (await wire.ask(server.post())).status == 200
    assert server.together.sizes == [1]


async def test_who_asks_whether_to_go_on_is_told_to(server: StraightServer, wire: Wire) -> None:
    head = server.post(expect="100-continue")[: -len(GOOD)]
    assert (await wire.ask(head)).status == 100
    assert (await wire.ask(GOOD)).status == 200
    assert server.recorded == 1


@pytest.mark.parametrize("go", [Wire.close, Wire.cut])
async def test_who_goes_meanwhile_has_the_decision_recorded_and_disturbs_nobody(
    serving: Serving, service: Any, go: Callable[[Wire], None]
) -> None:
    service.decisions = held = Held()
    server = await serving()
    leaving, staying = await server.connect(), await server.connect()
    for wire in (leaving, staying):
        wire.send(server.post())
    await held.reached.wait()
    go(leaving)
    await until(lambda: server.connections == 1)
    held.go_on.set()
    assert (await staying.answer()).status == 200
    assert (await staying.ask(server.post())).status == 200
    assert server.recorded == 3
    assert server.together.sizes == [2, 1]
    assert [line["status"] for line in await server.lines()] == [200] * 3


async def test_a_server_that_stops_answers_what_is_under_way_and_closes(serving: Serving, service: Any) -> None:
    service.decisions = held = Held()
    server = await serving()
    busy, idle = await server.connect(), await server.connect()
    busy.send(server.post())
    await held.reached.wait()
    busy.send(server.post())  # for this one it is too late
    server.uvicorn.should_exit = True
    assert await idle.ended()
    assert server.stopping
    held.go_on.set()
    answer = await busy.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await busy.ended()
    assert server.recorded == 1


async def test_a_server_that_stops_tells_a_failure_too(serving: Serving, service: Any) -> None:
    service.decisions = held = Held()
    server = await serving()
    wire = await server.connect()
    await send_what_will_be_refused(server, wire, held)
    server.uvicorn.should_exit = True
    await until(lambda: server.stopping)
    held.go_on.set()
    answer = await wire.answer()
    assert (answer.status, answer.headers["connection"]) == (422, "close")
    assert await wire.ended()


async def test_a_server_that_stops_answers_a_request_whose_body_still_comes(
    server: StraightServer, wire: Wire
) -> None:
    request = server.post()
    wire.send(request[: -len(GOOD)])
    await asyncio.sleep(0.005)
    server.uvicorn.should_exit = True
    await until(lambda: server.stopping)
    answer = await wire.ask(GOOD)
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert await wire.ended()


async def test_a_server_that_stops_does_not_wait_for_the_rest_of_a_head(
    server: StraightServer, wire: Wire
) -> None:
    wire.send(server.post()[:60])
    await asyncio.sleep(0.01)
    server.uvicorn.should_exit = True
    assert await wire.ended()


REFUSED_EARLY: dict[str, tuple[int, dict[str, Any]]] = {
    "a body too large": (413, {"content_length": "70000"}),
    "another kind of body": (415, {"content_length": "70000", "content_type": "text/plain"}),
    "no token": (401, {"content_length": "70000", "authorization": None}),
}


@pytest.mark.parametrize("what", REFUSED_EARLY)
@pytest.mark.parametrize("answered_first", [True, False])
async def test_what_looks_like_a_request_in_a_refused_body_is_none(
    server: StraightServer, wire: Wire, what: str, answered_first: bool
) -> None:
    status, headers = REFUSED_EARLY[what]
    wire.send(server.post(b"", **headers))
    if answered_first:
        assert (await wire.answer()).status == status
    else:
        await asyncio.sleep(0.01)
    hidden = server.post()
    rest = 70_000
    for _ in range(3):
        wire.send(hidden)
        rest -= len(hidden)
        await asyncio.sleep(0.01)
    if not answered_first:
        assert (await wire.answer()).status == status
    assert await wire.says_nothing(0.05)
    assert (server.together.sizes, server.recorded) == ([], 0)
    genuine = await wire.ask(b" " * rest, server.post())
    assert (genuine.status, server.recorded) == (200, 1)


async def test_what_looks_like_a_request_in_a_body_that_nobody_reads_is_none(
    server: StraightServer, wire: Wire
) -> None:
    hidden = server.post()
    head = b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(hidden)
    assert (await wire.ask(head)).status == 200
    wire.send(hidden)
    assert await wire.says_nothing(0.05)
    assert server.recorded == 0
    assert (await wire.ask(server.post())).status == 200
    assert server.recorded == 1
