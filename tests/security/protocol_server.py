"""A server of the test's event loop that speaks the project's HTTP protocol to a small application."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from entrypoints.http.protocol import LimitedHttpProtocol
from entrypoints.http.tls.handshake import TlsHandshake
from entrypoints.http.tls.server_certificate import ServerCertificate
from support.fast_path_server import until

App = Callable[[Any, Any, Any], Awaitable[None]]
TIMEOUT_SECONDS = 5.0


async def read_and_answer(scope: Any, receive: Any, send: Any) -> None:
    """Read the whole body, and answer how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await answer(send, b"%d" % length)


async def answer_at_once(scope: Any, receive: Any, send: Any) -> None:
    """Answer without a look at the body."""
    await answer(send, b"ok")


async def answer(send: Any, body: bytes) -> None:
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Client:
    """A connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send(self, data: bytes) -> None:
        """Send this."""
        self._writer.write(data)

    async def everything(self) -> bytes:
        """The data received until the server closes the connection, within a time limit."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            with suppress(ConnectionResetError):
                return await self._reader.read()
            return b""

    async def response(self) -> bytes:
        """The next response."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: ")
            )
            return head + await self._reader.readexactly(length)

    async def status(self) -> int:
        """The status of the next response."""
        return int((await self.response()).split()[1])

    def close(self) -> None:
        """Close it."""
        self._writer.close()


class Server:
    """Where the server listens, and whom it serves."""

    def __init__(self, port: int, state: ServerState, trust: ssl.SSLContext | None = None) -> None:
        self.port, self.state, self._trust = port, state, trust
        self._clients: list[Client] = []

    async def connect(self) -> Client:
        """A new connection."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, ssl=self._trust))
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients:
            client.close()


@asynccontextmanager
async def serving(
    app: App,
    *,
    limit: int | None = None,
    idle: float = 5.0,
    certificate: ServerCertificate | None = None,
    trust: ssl.SSLContext | None = None,
    handshake_seconds: float = 5.0,
    **seconds: float,
) -> AsyncIterator[Server]:
    """Serve, with some of the protocol's deadlines replaced; over TLS if there is a certificate."""
    protocol = type("Protocol", (LimitedHttpProtocol,), seconds)
    handshake = type("Handshake", (TlsHandshake,), {"handshake_seconds": handshake_seconds})
    config = uvicorn.Config(
        app,
        interface="asgi3",
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        limit_concurrency=limit,
        timeout_keep_alive=idle,  # type: ignore[arg-type] # parts of a second do as well
    )
    state = ServerState()

    def create() -> asyncio.Protocol:
        def http() -> asyncio.Protocol:
            return protocol(config, state, {})

        return http() if certificate is None else handshake(http, certificate, state, limit)

    listening = await asyncio.get_running_loop().create_server(create, "127.0.0.1", 0)
    server = Server(listening.sockets[0].getsockname()[1], state, trust)
    try:
        yield server
    finally:
        server.close()
        listening.close()
        await until(lambda: not state.connections and not state.tasks)
