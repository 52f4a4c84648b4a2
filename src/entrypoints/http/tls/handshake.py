"""TLS in front of an HTTP protocol: connections are limited, and timed, from their first byte on.

uvicorn's own TLS would create the HTTP protocol after the handshake only, wait a minute for that, and not count
the connection until then. It would also keep one context, and with it the first certificate.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.importer import import_from_string
from uvicorn.server import ServerState

from entrypoints.http.tls.certificate_files import CertificateFiles
from entrypoints.http.tls.server_certificate import ServerCertificate, server_certificate

HANDSHAKE_SECONDS = 10.0
SHUTDOWN_SECONDS = 30.0
"""For a client to read the rest of a response, and for its part in closing the connection."""
_log = logging.getLogger(__name__)


class TlsProtocols:
    """Creates the protocol of each connection, as uvicorn calls the class in its configuration.

    `protocol` is the import path of the HTTP protocol. Processes that uvicorn starts get a copy of this object.
    """

    def __init__(self, protocol: str, files: CertificateFiles) -> None:
        self._path = protocol
        self._files = files

    def __call__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> "TlsHandshake":
        """The protocol of a new connection."""
        return TlsHandshake(
            lambda: self._protocol(config, server_state, app_state, _loop),
            server_certificate(self._files),
            server_state,
            config.limit_concurrency,
        )

    @cached_property
    def _protocol(self) -> Callable[..., asyncio.Protocol]:
        return cast("Callable[..., asyncio.Protocol]", import_from_string(self._path))


class TlsHandshake(asyncio.Protocol):
    """A connection until its handshake is complete; then the protocol that `create` returns takes over."""

    handshake_seconds = HANDSHAKE_SECONDS

    def __init__(
        self,
        create: Callable[[], asyncio.Protocol],
        certificate: ServerCertificate,
        server_state: ServerState,
        max_connections: int | None,
    ) -> None:
        self._create = create
        self._certificate = certificate
        self._state = server_state
        self._max_connections = max_connections
        self._connections = cast("set[object]", server_state.connections)
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Take over the socket; a connection above the limit is closed without a handshake, which costs time."""
        full = self._max_connections is not None and len(self._connections) >= self._max_connections
        try:
            accepted = None if full else transport.get_extra_info("socket").dup()
        except OSError as fault:  # too many open files
            _log.warning("a connection was closed before its TLS handshake: %s", fault)
            return
        finally:
            transport.abort()  # before it reads the client's first message, which is for the handshake
        if accepted is None:
            return
        self._connections.add(self)
        self._task = asyncio.get_running_loop().create_task(self._shake_hands(accepted))
        self._state.tasks.add(self._task)
        self._task.add_done_callback(self._state.tasks.discard)

    async def _shake_hands(self, accepted: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: _Handover(self),
                accepted,
                ssl=self._certificate.context,
                ssl_handshake_timeout=self.handshake_seconds,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS,
            )
        except OSError as fault:  # not TLS, an old version, no common cipher, too slow, or disconnected
            _log.debug("a TLS handshake failed: %s", fault)
        finally:
            self._connections.discard(self)

    def complete(self, transport: asyncio.Transport) -> None:
        """Let the HTTP protocol take over."""
        self._connections.discard(self)
        protocol = self._create()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)

    def shutdown(self) -> None:
        """Close the connection, as uvicorn does with idle ones when it stops."""
        if self._task is not None:
            self._task.cancel()


class _Handover(asyncio.Protocol):
    """The protocol of a connection for the moment in which its handshake completes."""

    def __init__(self, handshake: TlsHandshake) -> None:
        self._handshake = handshake

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Hand the connection over."""
        self._handshake.complete(transport)
