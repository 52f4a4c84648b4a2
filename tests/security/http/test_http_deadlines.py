"""Connections that send nothing, too little or too slowly are closed, and so are clients that do not read."""

import asyncio
from typing import Any

import pytest

from entrypoints.http.limits import MAX_PIPELINED
from security.protocol_server import Client, Server, answer, answer_at_once, read_and_answer, serving
from support.fast_path_server import until

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def trickle(client: Client, data: bytes) -> None:
    """Send this again and again, faster than any deadline of these tests, until cancelled."""
    while True:
        client.send(data)
        await asyncio.sleep(0.02)


async def until_the_end(client: Client, trickled: bytes) -> bytes:
    """The data received until the server closes the connection, while the client keeps sending slowly."""
    sending = asyncio.create_task(trickle(client, trickled))
    try:
        return await client.everything()
    finally:
        sending.cancel()


async def test_a_silent_connection_is_closed() -> None:
    async with serving(answer_at_once, head_seconds=0.2) as server:
        assert await (await server.connect()).everything() == b""


async def test_a_connection_that_sends_only_line_breaks_is_closed() -> None:
    async with serving(answer_at_once, head_seconds=0.2) as server:
        assert await until_the_end(await server.connect(), b"\r\n") == b""


async def test_a_slow_request_head_times_out() -> None:
    async with serving(answer_at_once, head_seconds=0.2) as server:
        client = await server.connect()
        client.send(b"GET / HTTP/1.1\r\nX-Pad: ")
        assert (await until_the_end(client, b"a")).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_slow_second_request_head_times_out() -> None:
    async with serving(answer_at_once, head_seconds=0.2) as server:
        client = await server.connect()
        client.send(GET)
        assert await client.status() == 200
        client.send(b"GET / HTTP/1.1\r\nX-Pad: ")
        assert (await until_the_end(client, b"a")).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_body_that_never_arrives_times_out() -> None:
    async with serving(read_and_answer, body_seconds=0.2, check_seconds=0.1) as server:
        client = await server.connect()
        client.send(HEAD)
        assert (await client.everything()).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_slow_body_times_out() -> None:
    async with serving(read_and_answer, body_seconds=0.3, check_seconds=0.1) as server:
        client = await server.connect()
        client.send(HEAD)
        assert (await until_the_end(client, b"a")).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_body_above_the_minimum_rate_may_take_longer() -> None:
    async with serving(read_and_answer, body_seconds=0.2, check_seconds=0.05) as server:
        client = await server.connect()
        client.send(HEAD)
        for _ in range(10):
            client.send(b"a" * 100_000)
            await asyncio.sleep(0.05)
        assert (await client.response()).endswith(b"\r\n\r\n1000000")


async def test_a_slow_application_does_not_time_out_the_client() -> None:
    async def read_late(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.6)
        await read_and_answer(scope, receive, send)

    async with serving(read_late, body_seconds=0.2, check_seconds=0.05) as server:
        client = await server.connect()
        client.send(HEAD + b"a" * 1_000_000)
        assert (await client.response()).endswith(b"\r\n\r\n1000000")


async def test_a_body_that_the_application_does_not_read_must_end() -> None:
    async with serving(answer_at_once, body_seconds=0.2, check_seconds=0.1) as server:
        client = await server.connect()
        client.send(HEAD)
        assert await client.status() == 200
        assert await until_the_end(client, b"a") == b""


async def test_an_idle_connection_is_closed() -> None:
    async with serving(answer_at_once, idle=0.2) as server:
        client = await server.connect()
        client.send(GET)
        assert await client.status() == 200
        assert await client.everything() == b""


async def test_an_idle_connection_that_sends_only_line_breaks_is_closed() -> None:
    async with serving(answer_at_once, idle=0.2) as server:
        client = await server.connect()
        client.send(GET)
        assert await client.status() == 200
        assert await until_the_end(client, b"\r\n") == b""


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    async def answer_at_length(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, b"a" * 20_000_000)

    async with serving(answer_at_length, write_seconds=0.3, check_seconds=0.1) as server:
        client = await server.connect()
        client.send(GET)
        await until(lambda: server.state.connections)
        await until(lambda: not server.state.connections)


async def test_connections_are_capped() -> None:
    async with serving(answer_at_once, limit=3) as server:
        kept = [await server.connect() for _ in range(3)]
        for client in kept:
            client.send(GET)
            assert await client.status() == 200
        refused = await server.connect()
        assert (await refused.everything()).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        kept[0].close()
        await until(lambda: len(server.state.connections) == 2)
        again = await server.connect()
        again.send(GET)
        assert await again.status() == 200


async def test_pipelined_requests_are_limited() -> None:
    go_on = asyncio.Event()

    async def answer_later(scope: Any, receive: Any, send: Any) -> None:
        await go_on.wait()
        await answer(send, b"ok")

    async with serving(answer_later) as server:
        client = await server.connect()
        client.send(GET * 5000)
        await until(lambda: any(len(each.pipeline) > 10 for each in connections(server)))
        assert [len(each.pipeline) for each in connections(server)] == [MAX_PIPELINED]
        go_on.set()
        await until(lambda: not server.state.connections)


async def test_pipelined_requests_get_responses() -> None:
    async with serving(answer_at_once) as server:
        client = await server.connect()
        client.send(GET * 50 + GET.replace(b"Host", b"Connection: close\r\nHost"))
        assert (await client.everything()).count(b"HTTP/1.1 200 OK\r\n") == 51


def connections(server: Server) -> list[Any]:
    return list(server.state.connections)


async def test_an_application_learns_that_its_request_timed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.http.protocol.LINGER_SECONDS", 60.0)  # so that only the disconnect ends it
    received_types: list[str] = []

    async def read_and_record(scope: Any, receive: Any, send: Any) -> None:
        received_types.append((await receive())["type"])
        await answer(send, b"late")

    async with serving(read_and_record, body_seconds=0.2, check_seconds=0.1) as server:
        client = await server.connect()
        client.send(HEAD)
        received = await client.everything()
        assert received.count(b"HTTP/1.1 ") == 1
        assert received.startswith(b"HTTP/1.1 408 ")
        await until(lambda: received_types == ["http.disconnect"])


async def test_a_rejected_client_that_keeps_the_connection_open_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("entrypoints.http.protocol.LINGER_SECONDS", 0.2)
    async with serving(answer_at_once) as server:
        client = await server.connect()
        client.send(b"GET / HTTP/1.1\r\n\r\n")
        assert await client.status() == 400
        await until(lambda: not server.state.connections)


async def test_a_disconnect_reaches_a_request_with_others_pipelined_after_it() -> None:
    started = asyncio.Event()

    async def wait_for_the_end(scope: Any, receive: Any, send: Any) -> None:
        started.set()
        while (await receive())["type"] != "http.disconnect":
            pass

    async with serving(wait_for_the_end) as server:
        client = await server.connect()
        client.send(GET + GET)
        async with asyncio.timeout(5):
            await started.wait()
        client.close()
        await until(lambda: not server.state.tasks)
