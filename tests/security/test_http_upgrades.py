"""A request that offers WebSocket, and is not one, is refused: no connection stays open without a deadline."""

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from entrypoints.http_protocol import LimitedHttpProtocol
from straight_server import until

OFFER = (
    b"Host: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def refuse(scope: Any, receive: Any, send: Any) -> None:
    """Answer every WebSocket with 403."""
    await send({"type": "websocket.close"})


async def exchange(sent: bytes) -> bytes:
    """What comes back until the server closes the connection, from a server that takes WebSockets."""
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
        writer.write(sent)
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()
        listening.close()
        await until(lambda: not state.connections and not state.tasks)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nContent-Length: 3\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
        b"GET / HTTP/1.1\r\nCookie: " + b"a" * 9000 + b"\r\n",
    ],
)
async def test_a_handshake_that_the_websocket_protocol_cannot_read_is_refused(head: bytes) -> None:
    assert (await exchange(head + OFFER + b"\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_a_handshake_reaches_the_application() -> None:
    assert (await exchange(b"GET / HTTP/1.1\r\n" + OFFER + b"\r\n")).startswith(b"HTTP/1.1 403 ")
