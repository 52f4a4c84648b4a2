"""`GET /metrics` on a port of its own, which callers and browsers have no business with."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from application.operational_error import OperationalError
from entrypoints.http.protocol import LimitedHttpProtocol

Exposition = Callable[[], Awaitable[tuple[bytes, str]]]
"""Gives the metrics in Prometheus's text format, and their media type."""

_MAX_CONNECTIONS = 20
_BACKLOG = 20


class MetricsPortTaken(OperationalError):
    """Metrics cannot be served on this port."""


class MetricsPort:
    """Serves the metrics of this process from its event loop, in whose thread they are counted.

    The port is bound at once and served from `open` to `close`. `shared`: other processes bind it as well, and the
    kernel gives each connection to one of them.
    """

    def __init__(
        self, host: str, port: int, variable: str, exposition: Exposition, *, shared: bool = False
    ) -> None:
        self._exposition = exposition
        self._state = ServerState()
        self._config = Config(
            self._answer,
            interface="asgi3",
            http=LimitedHttpProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            limit_concurrency=_MAX_CONNECTIONS,
        )
        self._server: asyncio.Server | None = None
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            self._socket.bind((host, port))
        except OSError as fault:
            self._socket.close()
            raise MetricsPortTaken(
                f"port {port} on {host} cannot be used for metrics ({fault.strerror}); stop what uses it, or set "
                f"{variable} to another port"
            ) from fault

    async def open(self) -> None:
        """Serve from now on."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, sock=self._socket, backlog=_BACKLOG)

    async def close(self) -> None:
        """Stop serving, and close every connection."""
        if self._server is not None:
            self._server.close()
            for connection in list(self._state.connections):
                connection.shutdown()
        self._socket.close()

    def _connection(self) -> LimitedHttpProtocol:
        return LimitedHttpProtocol(self._config, self._state, {})

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - ASGI's signature
        status, body, media_type = 404, b"Not found. Metrics are at /metrics.\n", "text/plain; charset=utf-8"
        if scope["path"] == "/metrics" and scope["method"] in {"GET", "HEAD"}:
            body, media_type = await self._exposition()
            status = 200
        headers = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
