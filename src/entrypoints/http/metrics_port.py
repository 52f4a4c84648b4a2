"""`GET /metrics` on a separate port, which callers and browsers need not reach."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from application.operational_error import OperationalError
from entrypoints.http.protocol import LimitedHttpProtocol

Exposition = Callable[[], tuple[bytes, str]]
"""Returns the metrics in Prometheus's text format, and their media type."""

_MAX_CONNECTIONS = 20
_BACKLOG = 20


class MetricsPortTaken(OperationalError):
    """No port for metrics can be used."""


class MetricsPort:
    """Serves the metrics of this process from its event loop, in whose thread they are counted.

    Listens on the first free port of `ports`, so that several workers share the list; serves from `open` to
    `close`. Raises MetricsPortTaken where none is free; `variable` is the setting that names the first.
    """

    def __init__(self, host: str, ports: Sequence[int], variable: str, exposition: Exposition) -> None:
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
        self._socket = _listening_socket(host, ports, variable)

    async def open(self) -> None:
        """Serve metrics until `close`."""
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
            body, media_type = self._exposition()
            status = 200
        headers = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _listening_socket(host: str, ports: Sequence[int], variable: str) -> socket.socket:
    for port in ports:
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(_BACKLOG)  # from here on no other worker can take the port
        except OSError as error:
            listening.close()
            if port == ports[-1]:
                used = f"port {port}" if len(ports) == 1 else f"ports {ports[0]} to {port}"
                raise MetricsPortTaken(
                    f"{used} on {host} cannot be used for metrics ({error.strerror}); stop the process that uses "
                    f"them, or set {variable} to another port"
                ) from error
        else:
            return listening
    raise ValueError("no port for metrics is given")
