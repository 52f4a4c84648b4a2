"""Over TLS, the limits of the HTTP protocol hold from the first byte of a connection on."""

import asyncio
import os
import resource
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from entrypoints.http.tls.server_certificate import ServerCertificate
from security.protocol_server import Server, answer, answer_at_once, read_and_answer, serving
from support.certificates import Authority
from support.fast_path_server import until

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
authority = Authority()


def client_hello(trust: ssl.SSLContext) -> bytes:
    """The first message of a client's handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


@pytest.fixture
def certificate(tmp_path: Path) -> ServerCertificate:
    return ServerCertificate(authority.issue().write(tmp_path))


@asynccontextmanager
async def secure(certificate: ServerCertificate, app: Any = answer_at_once, **more: Any) -> AsyncIterator[Server]:
    async with serving(app, certificate=certificate, trust=authority.trust, **more) as server:
        yield server


async def received(server: Server, *sent: bytes, pause: float = 0.0) -> bytes:
    """The data that the server sends, until it closes the connection, to a client that sends these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for data in sent:
            writer.write(data)
            await asyncio.sleep(pause)
            if reader.at_eof():
                break
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


async def test_requests_are_answered_on_one_connection(certificate: ServerCertificate) -> None:
    async with secure(certificate, read_and_answer) as server:
        client = await server.connect()
        for _ in range(3):
            client.send(HEAD + b"a" * 1_000_000)
            assert (await client.response()).endswith(b"\r\n\r\n1000000")


async def test_an_application_sees_the_scheme_https(certificate: ServerCertificate) -> None:
    async def answer_scheme(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, scope["scheme"].encode())

    async with secure(certificate, answer_scheme) as server:
        client = await server.connect()
        client.send(GET)
        assert (await client.response()).endswith(b"\r\n\r\nhttps")


async def test_a_request_that_arrives_with_the_end_of_the_handshake_is_answered(
    certificate: ServerCertificate,
) -> None:
    async with secure(certificate) as server:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = authority.trust.wrap_bio(incoming, outgoing, server_hostname="localhost")
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await asyncio.wait_for(reader.read(65536), 5))
        client.write(GET)
        writer.write(outgoing.read())  # the client's last message and the request in one segment
        response = b""
        while not response.endswith(b"ok"):
            try:
                response += client.read(65536)
            except ssl.SSLWantReadError:
                incoming.write(await asyncio.wait_for(reader.read(65536), 5))
        assert response.startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()


async def test_a_handshake_that_does_not_complete_is_closed(certificate: ServerCertificate) -> None:
    hello = client_hello(authority.trust)
    async with secure(certificate, handshake_seconds=0.3) as server:
        assert await received(server) == b""
        assert await received(server, hello[:40]) == b""
        assert await received(server, *[hello[n : n + 1] for n in range(60)], pause=0.02) == b""
        assert (await received(server, hello)).startswith(b"\x16\x03\x03")  # the server's half
        await until(lambda: not server.state.connections and not server.state.tasks)


async def test_handshakes_count_towards_the_limit_of_connections(certificate: ServerCertificate) -> None:
    async with secure(certificate, limit=3) as server, AsyncExitStack() as stack:
        silent = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(2)]
        for _, writer in silent:
            stack.callback(writer.close)
        client = await server.connect()
        client.send(GET)
        assert await client.status() == 200
        assert len(server.state.connections) == 3
        with pytest.raises(OSError, match=r".*"):
            await server.connect()
        silent[0][1].close()
        await until(lambda: len(server.state.connections) == 2)
        again = await server.connect()
        again.send(GET)
        assert await again.status() == 200


async def test_a_connection_is_closed_when_no_file_can_be_opened_for_it(certificate: ServerCertificate) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with secure(certificate) as server:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, limits[0]), limits[1]))
        opened: list[int] = []
        try:
            with suppress(OSError):
                while True:
                    opened.append(os.open(os.devnull, os.O_RDONLY))
            for _ in range(2):  # for the client, and for the server to accept it
                os.close(opened.pop())
            client = await asyncio.open_connection("127.0.0.1", server.port)
            with suppress(ConnectionResetError):
                async with asyncio.timeout(5):
                    assert await client[0].read() == b""
            client[1].close()
        finally:
            for each in opened:
                os.close(each)
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        again = await server.connect()
        again.send(GET)
        assert await again.status() == 200


async def test_plain_http_is_closed_without_an_error_in_the_log(
    certificate: ServerCertificate, caplog: pytest.LogCaptureFixture
) -> None:
    async with secure(certificate) as server:
        for sent in (GET, b"\x16\x03\x01\xff\xff" + b"\0" * 70_000, b"\x16\x03\x01\x00\x05hello"):
            assert b"HTTP" not in await received(server, sent)
        await until(lambda: not server.state.connections)
    assert [record.getMessage() for record in caplog.records if record.levelname != "DEBUG"] == []


async def test_a_client_that_disconnects_during_the_handshake_is_forgotten(certificate: ServerCertificate) -> None:
    async with secure(certificate) as server:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", server.port)) as client:
                client.send(client_hello(authority.trust)[:50])
        await until(lambda: not server.state.connections and not server.state.tasks)


async def test_deadlines_hold_after_the_handshake(certificate: ServerCertificate) -> None:
    deadlines = {"head_seconds": 0.2, "body_seconds": 0.2, "check_seconds": 0.1}
    async with secure(certificate, read_and_answer, idle=0.2, **deadlines) as server:
        assert await (await server.connect()).everything() == b""
        for sent, status in (
            (b"GET / HTTP/1.1\r\nX-Pad: ", b"408"),
            (HEAD, b"408"),
            (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        ):
            client = await server.connect()
            client.send(sent)
            assert (await client.everything()).startswith(b"HTTP/1.1 " + status)
        idle = await server.connect()
        idle.send(GET)
        assert await idle.status() == 200
        assert await idle.everything() == b""


async def test_a_client_that_does_not_read_is_cut_off(certificate: ServerCertificate) -> None:
    async def answer_at_length(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, b"a" * 20_000_000)

    async with secure(certificate, answer_at_length, write_seconds=0.3, check_seconds=0.1) as server:
        (await server.connect()).send(GET)
        await until(lambda: server.state.connections)
        await until(lambda: not server.state.connections)


async def test_a_slow_client_gets_the_whole_of_the_last_response(certificate: ServerCertificate) -> None:
    async def answer_at_length(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, b"a" * 20_000_000)

    async with secure(certificate, answer_at_length) as server:
        client = await server.connect()
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await asyncio.sleep(2.5)  # reads a few kilobytes in this time
        assert (await client.everything()).count(b"a") >= 20_000_000


async def test_a_server_that_stops_does_not_wait_for_idle_clients(certificate: ServerCertificate) -> None:
    async with secure(certificate, closing_seconds=0.1) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=authority.trust)
        writer.write(GET)
        await reader.readuntil(b"ok")
        writer.transport.pause_reading()  # like a pooled connection, which notices the end when it is used again
        for connection in list(server.state.connections):
            connection.shutdown()
        await until(lambda: not server.state.connections)
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def test_a_server_that_stops_closes_connections_in_their_handshake(certificate: ServerCertificate) -> None:
    async with secure(certificate) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await until(lambda: server.state.connections)
        for connection in list(server.state.connections):
            connection.shutdown()
        async with asyncio.timeout(2):
            assert await reader.read() == b""
        writer.close()
