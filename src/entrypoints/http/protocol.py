"""The HTTP/1.1 protocol that every server of the project speaks: uvicorn's, with limits.

uvicorn limits neither the size of a request head nor the time that a client may take, and it appends the trailer
fields of a chunked body to the request's headers. This protocol adds:

- limits on the head (431), the URL (414), the number of connections (503) and of pipelined requests;
- deadlines for the head and the body (408), for idle connections, and for clients that do not read responses;
- refusal of requests that two readers could understand differently (400, 505);
- no header after the head: trailer fields never reach the application;
- a request that offers `Upgrade: h2c` is answered over HTTP/1.1, body included (RFC 9110, section 7.8).
"""

import asyncio
from http import HTTPStatus
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from entrypoints.http.limits import (
    BODY_TOO_SLOW,
    HEAD_TOO_LARGE,
    HEAD_TOO_SLOW,
    MALFORMED,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_PIPELINED,
    MAX_URL_BYTES,
    MIN_BODY_RATE,
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
"""What is still read, and thrown away, of a refused request: a connection closed over unread bytes loses the
response. A client that sends more is cut off at once.
"""

IDLE, _HEAD, _BODY = range(3)
"""What a connection is in the middle of."""
_UPGRADE_HEADERS = frozenset({b"upgrade", b"http2-settings"})


class _Refused(Exception):
    """Raised in the parser's callbacks, which stops the parser."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


class LimitedHttpProtocol(HttpToolsProtocol):
    """One connection. `limit_concurrency` in uvicorn's configuration limits the connections of the process."""

    head_seconds = 10.0
    """For the head, from its first byte; also for the first byte of a new connection."""
    body_seconds = 20.0
    """Without a byte of the body, and before `MIN_BODY_RATE` applies."""
    write_seconds = 30.0
    """In which a client must take something of a response."""
    check_seconds = 5.0
    """Between two looks at a connection: not longer than any deadline, so that each is met when it is due."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._max_connections, self.limit_concurrency = self.limit_concurrency, None
        self._ended = False
        self._running: RequestResponseCycle | None = None
        self._linger_bytes = LINGER_BYTES
        self._linger_until: float | None = None
        self._phase = IDLE
        self._phase_since = self._progress_at = 0.0
        self._messages = 0
        self._head_bytes = self._header_bytes = 0
        self._body_bytes = self._bytes_without_body = 0
        self._unsent, self._unsent_since = 0, 0.0
        self._idle_since = self._checked_at = self.loop.time()
        self._check_interval = min(self.check_seconds, self.head_seconds, self.timeout_keep_alive)
        self._check: asyncio.TimerHandle | None = None

    def render(self, refusal: Refusal) -> tuple[str, bytes]:
        """The media type and content of the response that tells a refusal."""
        return plain_text(refusal)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Begin to watch the connection, or refuse it."""
        full = self._max_connections is not None and len(self.connections) >= self._max_connections
        super().connection_made(transport)
        self._schedule_check()
        if full:
            self._refuse(TOO_MANY_CONNECTIONS)
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching it, and tell the application.

        uvicorn tells it of the last request alone, where others are pipelined before it.
        """
        self._stop_watching()
        running = self._running
        if running is not None and not running.response_complete:
            running.disconnected = True
            running.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Parse what came, within the limits."""
        if self._ended:
            self._discard(data)
            return
        self._linger_bytes = LINGER_BYTES - len(data)
        self._unset_keepalive_if_required()
        phase, messages, body_bytes = self._phase, self._messages, self._body_bytes
        self._parse(data)
        if self._ended:
            return
        if self._phase == _HEAD:
            if self._messages == messages or (phase == IDLE and self._messages == messages + 1):
                self._head_bytes += len(data)  # all of it belongs to this head
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(HEAD_TOO_LARGE)
        elif phase == self._phase == _BODY and self._messages == messages:
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
        """The head at hand, for the parser to read again, without the offer of another protocol."""
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
        """A head begins."""
        self._phase, self._phase_since = _HEAD, self.loop.time()
        self._messages += 1
        self._head_bytes = self._header_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the URL."""
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            raise _Refused(URL_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; after the head it is a trailer field, which nobody is told of."""
        if self._phase != _HEAD:
            return
        self._header_bytes += len(name) + len(value) + len(b": \r\n")
        if self._header_bytes + len(self.url) > MAX_HEAD_BYTES or len(self.headers) >= MAX_HEADERS:
            raise _Refused(HEAD_TOO_LARGE)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there: begin to answer, unless it is refused."""
        refusal = self._refusal_of_head()
        if refusal is not None:
            raise _Refused(refusal)
        if self.parser.should_upgrade() and not self._should_upgrade():
            return  # it is parsed once more, without the offer
        self._phase = _BODY
        self._phase_since = self._progress_at = self.loop.time()
        self._body_bytes = self._bytes_without_body = 0
        super().on_headers_complete()

    def _refusal_of_head(self) -> Refusal | None:
        refusal = refusal_of_head(self.parser.get_method(), self.parser.get_http_version(), self.url, self.headers)
        if refusal is None and len(self.pipeline) >= MAX_PIPELINED:
            return TOO_MANY_REQUESTS
        return MALFORMED if refusal is None and self._upgrades_too_early() else refusal

    def _upgrades_too_early(self) -> bool:
        """Whether a WebSocket is to begin before the last response has ended, which would then wait for ever."""
        answering = self.cycle is not None and not self.cycle.response_complete
        return answering and self.parser.should_upgrade() and self._should_upgrade()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there, unless it is to be parsed once more."""
        if self._phase == _BODY:
            self._phase = IDLE
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """The response is there; from now on the connection is idle."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the WebSocket's protocol, which has deadlines of its own once it began.

        It reads the head once more, by stricter rules (no body, shorter lines), and says nothing of one that it
        does not understand: such a connection would stay open for ever.
        """
        self._ended = True
        self._stop_watching()
        super().handle_websocket_upgrade()
        if not getattr(self.transport.get_protocol(), "handshake_initiated", True):
            self.logger.info("request refused: %d %s", MALFORMED.status, MALFORMED.name)
            self.transport.write(self._response(MALFORMED))
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer and close; close alone where a response has begun, or comes before it."""
        self._ended = True
        self.logger.info("request refused: %d %s", refusal.status, refusal.name)
        cycle = self.cycle
        answering = cycle is not None and not cycle.response_complete
        if answering and self._phase != _BODY:
            cycle.keep_alive = False  # that response, the last one, ends the connection
            return
        if self._phase == _BODY and (not answering or cycle.response_started or self.pipeline):
            self.transport.close()
            return
        if self._linger_bytes < 0:
            self.transport.abort()
            return
        if answering:  # the application is told that its caller has gone
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(self._response(refusal))
        self.transport.write_eof()
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

    def _check_deadlines(self) -> None:
        """Act on a deadline that has passed, and look again when the next one may be due."""
        now = self.loop.time()
        if self.flow.read_paused and self._phase == _BODY:  # the application is slow, not the client
            self._phase_since += now - self._checked_at
            self._progress_at = now
        self._checked_at = now
        if self._client_stopped_reading(now):
            self.transport.abort()
            return
        due = self._due()
        if due is not None and due <= now and not self.transport.is_closing():
            self._expire()
        self._schedule_check()

    def _schedule_check(self) -> None:
        self._stop_watching()
        due, wait = self._due(), self._check_interval
        if due is not None and not self.transport.is_closing():
            wait = min(wait, max(due - self.loop.time(), 0.001))
        self._check = self.loop.call_later(wait, self._check_deadlines)

    def _client_stopped_reading(self, now: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, now
        return now - self._unsent_since >= self.write_seconds and unsent > 0

    def _due(self) -> float | None:
        """When the present state of the connection must have ended; None where nobody but us is waited for."""
        if self._ended:
            return self._linger_until
        if self._phase == _HEAD:
            return self._phase_since + self.head_seconds
        if self._phase == _BODY and self.cycle.response_complete:
            return max(self._idle_since, self._phase_since) + self.body_seconds
        if self._phase == _BODY:
            at_rate = self._phase_since + self.body_seconds + self._body_bytes / MIN_BODY_RATE
            return min(self._progress_at + self.body_seconds, at_rate)
        if self.cycle is None:
            return self._idle_since + self.head_seconds
        return self._idle_since + self.timeout_keep_alive if self.cycle.response_complete else None

    def _expire(self) -> None:
        if self._ended:
            self.transport.abort()
        elif self._phase == _HEAD:
            self._refuse(HEAD_TOO_SLOW)
        elif self._phase == _BODY and not self.cycle.response_complete:
            self._refuse(BODY_TOO_SLOW)
        else:
            self._ended = True
            self.transport.close()

    def _stop_watching(self) -> None:
        if self._check is not None:
            self._check.cancel()
            self._check = None
