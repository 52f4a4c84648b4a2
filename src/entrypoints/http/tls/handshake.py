"""TLS in front of an HTTP protocol: connections are limited, and timed, from their first byte on.

uvicorn's own TLS would create the HTTP protocol after the handshake only, wait a minute for that, and not count
the connection until then. It would also keep one context, and with it the first certificate.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.importer import import_from_string
from uvicorn.server import ServerState

from entrypoints.http.tls.certificate_files import CertificateFiles
from entrypoints.http.tls.server_certificate import ServerCertificate, server_certificate

HANDSHAKE_SECONDS = 10.0
SHUTDOWN_SECONDS = 2.0
"""For the client's part in closing a connection."""
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
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Start the handshake; a connection above the limit is closed without one, which costs time."""
        if self._transport is not None:
            return
        self._transport = transport
        connections = cast("set[object]", self._state.connections)
        if self._max_connections is not None and len(connections) >= self._max_connections:
            transport.abort()
            return
        connections.add(self)
        transport.pause_reading()  # the first byte is for the handshake
        task = asyncio.get_running_loop().create_task(self._shake_hands(transport))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport,
                self,
                self._certificate.context,
                server_side=True,
                ssl_handshake_timeout=self.handshake_seconds,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS,
            )
        except OSError as fault:  # not TLS, an old version, no common cipher, too slow, or disconnected
            _log.debug("a TLS handshake failed: %s", fault)
            transport.abort()
            return
        finally:
            cast("set[object]", self._state.connections).discard(self)
        if secured is None or secured.is_closing():
            transport.abort()
            return
        protocol = self._create()
        secured.set_protocol(protocol)
        protocol.connection_made(secured)
        for data in self._early:
            protocol.data_received(data)

    def data_received(self, data: bytes) -> None:
        """Keep what arrived together with the end of the handshake."""
        self._early.append(data)

    def shutdown(self) -> None:
        """Close the connection, as uvicorn does with idle ones when it stops."""
        if self._transport is not None:
            self._transport.abort()
