"""The HTTP/1.1 protocol of every server of the project: uvicorn's, with limits.

uvicorn limits neither the size of a request head nor the time that a client may take, and it appends the trailer
fields of a chunked body to the request's headers. This protocol adds:

- limits on the head (431), the URL (414), the number of connections (503) and of pipelined requests;
- deadlines for the head and the body (408), for idle connections, and for clients that do not read responses;
- refusal of requests that two readers could understand differently (400, 505);
- no headers after the head: trailer fields never reach the application;
- requests that offer `Upgrade: h2c` are answered over HTTP/1.1, body included (RFC 9110, section 7.8).
"""

import asyncio
from http import HTTPStatus
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from entrypoints.http.deadlines import BODY, HEAD, IDLE, DeadlineHttpProtocol
from entrypoints.http.limits import (
    BODY_TOO_SLOW,
    HEAD_TOO_LARGE,
    HEAD_TOO_SLOW,
    MALFORMED,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_PIPELINED,
    MAX_URL_BYTES,
    TOO_MANY_CONNECTIONS,
    TOO_MANY_REQUESTS,
    TRAILERS_TOO_LARGE,
    URL_TOO_LONG,
    Refusal,
    plain_text,
    refusal_of_head,
)

LINGER_BYTES = 60 * 1024
LINGER_SECONDS = 2.0
"""How much of a refused request is still read and discarded, and for how long: closing a connection with unread
bytes loses the response. A client that sends more is disconnected immediately.
"""

_UPGRADE_HEADERS = frozenset({b"upgrade", b"http2-settings"})


class _Refused(Exception):
    """Raised in the parser's callbacks, which stops the parser."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


class LimitedHttpProtocol(DeadlineHttpProtocol):
    """One connection. `limit_concurrency` in uvicorn's configuration limits the connections of the process."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._max_connections, self.limit_concurrency = self.limit_concurrency, None
        self._running: RequestResponseCycle | None = None
        self._linger_bytes = LINGER_BYTES
        self._messages = 0
        self._head_bytes = self._header_bytes = self._bytes_without_body = 0

    def render(self, refusal: Refusal) -> tuple[str, bytes]:
        """The media type and content of the response to a refused request."""
        return plain_text(refusal)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Refuse the connection where there are too many."""
        full = self._max_connections is not None and len(self.connections) >= self._max_connections
        super().connection_made(transport)
        if full:
            self._refuse(TOO_MANY_CONNECTIONS)
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Notify the application.

        uvicorn notifies it about the last request only, although a pipelined one before it may be in progress.
        """
        running = self._running
        if running is not None and not running.response_complete:
            running.disconnected = True
            running.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Parse the data, within the limits."""
        if self._ended:
            self._discard(data)
            return
        self._linger_bytes = LINGER_BYTES - len(data)
        self._unset_keepalive_if_required()
        phase, messages, body_bytes = self._phase, self._messages, self._body_bytes
        self._parse(data)
        if self._ended:
            return
        if self._phase == HEAD:
            if self._messages == messages or (phase == IDLE and self._messages == messages + 1):
                self._head_bytes += len(data)  # all of it belongs to this head
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(HEAD_TOO_LARGE)
        elif phase == self._phase == BODY and self._messages == messages:
            if self._body_bytes > body_bytes:
                self._progress_at, self._bytes_without_body = self.loop.time(), 0
                return
            self._bytes_without_body += len(data)  # trailer fields or chunk extensions
            if self._bytes_without_body > MAX_HEAD_BYTES:
                self._refuse(TRAILERS_TOO_LARGE)

    def _parse(self, data: bytes) -> None:
        while True:
            try:
                self.parser.feed_data(data)
            except HttpParserUpgrade as upgrade:
                if self._should_upgrade():
                    self.handle_websocket_upgrade()
                    return
                data = self._head_without_upgrade() + data[upgrade.args[0] :]
                self.parser = HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
            except HttpParserError as fault:
                self._refuse(self._refusal_of(fault.__context__))
                return
            else:
                return

    def _refusal_of(self, cause: BaseException | None) -> Refusal:
        """The refusal for what a callback raised, or for what the parser itself rejects."""
        if isinstance(cause, _Refused):
            return cause.refusal
        if cause is not None and not isinstance(cause, HttpParserError):
            self.logger.error("a request could not be parsed", exc_info=cause)
        return MALFORMED

    def _head_without_upgrade(self) -> bytes:
        """The present head for the parser to read again, without the offer of another protocol."""
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        for name, value in self.headers:
            if name == b"connection":
                tokens = [token.strip() for token in value.split(b",")]
                kept = [token for token in tokens if token.lower() not in _UPGRADE_HEADERS]
                lines.append(b"connection: " + b", ".join(kept))
            elif name not in _UPGRADE_HEADERS:
                lines.append(b"%s: %s" % (name, value))
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def on_message_begin(self) -> None:
        """Start a head."""
        self._phase, self._phase_since = HEAD, self.loop.time()
        self._messages += 1
        self._head_bytes = self._header_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Add a part of the URL."""
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            raise _Refused(URL_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; after the head it is a trailer field, which is discarded."""
        if self._phase != HEAD:
            return
        self._header_bytes += len(name) + len(value) + len(b": \r\n")
        if self._header_bytes + len(self.url) > MAX_HEAD_BYTES or len(self.headers) >= MAX_HEADERS:
            raise _Refused(HEAD_TOO_LARGE)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request, unless its head is refused."""
        refusal = self._refusal_of_head()
        if refusal is not None:
            raise _Refused(refusal)
        if self.parser.should_upgrade() and not self._should_upgrade():
            return  # it is parsed again without the offer
        self._phase = BODY
        self._phase_since = self._progress_at = self.loop.time()
        self._body_bytes = self._bytes_without_body = 0
        super().on_headers_complete()

    def _refusal_of_head(self) -> Refusal | None:
        refusal = refusal_of_head(self.parser.get_method(), self.parser.get_http_version(), self.url, self.headers)
        if refusal is None and len(self.pipeline) >= MAX_PIPELINED:
            return TOO_MANY_REQUESTS
        return MALFORMED if refusal is None and self._upgrades_too_early() else refusal

    def _upgrades_too_early(self) -> bool:
        """Whether a WebSocket starts before the last response ended, which would then wait forever."""
        answering = self.cycle is not None and not self.cycle.response_complete
        return answering and self.parser.should_upgrade() and self._should_upgrade()

    def on_body(self, body: bytes) -> None:
        """Add a part of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Complete the request, unless its head is parsed again."""
        if self._phase == BODY:
            self._phase = IDLE
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Complete the response: the connection becomes idle."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection to the WebSocket's protocol, which has deadlines of its own once it started.

        It reads the head again by stricter rules (no body, shorter lines), and does not respond to one that it
        rejects: without a response here such a connection would stay open forever.
        """
        self._ended = True
        self._stop_watching()
        super().handle_websocket_upgrade()
        if not getattr(self.transport.get_protocol(), "handshake_initiated", True):
            self.logger.info("request refused: %d %s", MALFORMED.status, MALFORMED.name)
            self.transport.write(self._response(MALFORMED))
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Respond and close; only close where a response has started, or must be sent first."""
        self._ended = True
        self.logger.info("request refused: %d %s", refusal.status, refusal.name)
        cycle = self.cycle
        answering = cycle is not None and not cycle.response_complete
        if answering and self._phase != BODY:
            cycle.keep_alive = False  # that response is the last one
            return
        if self._phase == BODY and (not answering or cycle.response_started or self.pipeline):
            self.transport.close()
            return
        if self._linger_bytes < 0:
            self.transport.abort()
            return
        if answering:  # the application learns that its client has disconnected
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(self._response(refusal))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:  # TLS: announces the end, and discards what the client sends until it does the same
            self.transport.close()
        self._linger_until = self.loop.time() + LINGER_SECONDS
        self._schedule_check()

    def _discard(self, data: bytes) -> None:
        self._linger_bytes -= len(data)
        if self._linger_bytes < 0 and (self.cycle is None or self.cycle.response_complete):
            self.transport.abort()

    def _response(self, refusal: Refusal) -> bytes:
        media_type, body = self.render(refusal)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", media_type.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        ]
        status = b"HTTP/1.1 %d %s\r\n" % (refusal.status, HTTPStatus(refusal.status).phrase.encode())
        return status + b"".join([b"%s: %s\r\n" % header for header in headers]) + b"\r\n" + body

    def _expire(self) -> None:
        if self._ended:
            self.transport.abort()
        elif self._phase == HEAD:
            self._refuse(HEAD_TOO_SLOW)
        elif self._phase == BODY and not self.cycle.response_complete:
            self._refuse(BODY_TOO_SLOW)
        else:
            self._ended = True
            self.transport.close()
