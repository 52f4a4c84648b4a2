"""A malformed WebSocket handshake is rejected, and leaves no connection open without a deadline."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from entrypoints.http.protocol import LimitedHttpProtocol
from support.fast_path_server import until

HUGE = 32 << 20
OFFER = (
    b"Host: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def refuse(scope: Any, receive: Any, send: Any) -> None:
    """Answer every WebSocket with 403, and other requests with more than kernels and buffers hold."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % HUGE)]})
        await send({"type": "http.response.body", "body": b"x" * HUGE, "more_body": True})
        await send({"type": "http.response.body"})


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that accepts WebSockets; the test must leave none open."""
    config = uvicorn.Config(
        refuse,
        http=LimitedHttpProtocol,
        ws="websockets-sansio",
        interface="asgi3",
        lifespan="off",
        log_config=None,
    )
    state, loop = ServerState(), asyncio.get_running_loop()
    listening = await loop.create_server(lambda: LimitedHttpProtocol(config, state, {}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        listening.close()
        await until(lambda: not state.connections and not state.tasks)


async def exchange(sent: bytes) -> bytes:
    """The data received until the server closes the connection."""
    async with serving() as (reader, writer), asyncio.timeout(5):
        writer.write(sent)
        return await reader.read()


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nContent-Length: 3\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
        b"GET / HTTP/1.1\r\nCookie: " + b"a" * 9000 + b"\r\n",
    ],
)
async def test_a_malformed_websocket_handshake_is_rejected(head: bytes) -> None:
    assert (await exchange(head + OFFER + b"\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_a_handshake_reaches_the_application() -> None:
    assert (await exchange(b"GET / HTTP/1.1\r\n" + OFFER + b"\r\n")).startswith(b"HTTP/1.1 403 ")


async def test_a_handshake_during_a_response_leaks_no_connection() -> None:
    """Otherwise the response would wait forever to write to a connection that the WebSocket has taken over."""
    async with serving() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(5):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"GET / HTTP/1.1\r\n" + OFFER + b"\r\n")
        async with asyncio.timeout(10):
            assert len(await reader.read()) == HUGE
