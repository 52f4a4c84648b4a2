"""Deadlines of a connection: for the head, the body, the next request, and for a client that reads responses."""

import asyncio
from abc import abstractmethod
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from entrypoints.http.limits import MIN_BODY_RATE

IDLE, HEAD, BODY = range(3)
"""The part of a request that a connection is receiving."""


class DeadlineHttpProtocol(HttpToolsProtocol):
    """One connection, watched by a single timer for as long as it is open.

    Subclasses keep `_phase` and the counters current and say in `_expire` what a missed deadline leads to.
    """

    head_seconds = 10.0
    """For the head, from its first byte; also for the first byte of a new connection."""
    body_seconds = 20.0
    """Without a byte of the body, and before `MIN_BODY_RATE` applies."""
    write_seconds = 30.0
    """Within which a client must read some of a response."""
    check_seconds = 5.0
    """The longest interval between two checks of the deadlines."""
    closing_seconds = 4.0
    """For the client's part in closing a connection over TLS when the server stops, which takes five at most."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._ended = False
        self._linger_until: float | None = None
        self._phase = IDLE
        self._phase_since = self._progress_at = 0.0
        self._body_bytes = 0
        self._unsent, self._unsent_since = 0, 0.0
        self._idle_since = self._checked_at = self.loop.time()
        self._check_interval = min(self.check_seconds, self.head_seconds, self.timeout_keep_alive)
        self._check: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Begin to watch the connection."""
        super().connection_made(transport)
        self._schedule_check()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching it."""
        self._stop_watching()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close the connection when the server stops, after the response in progress if there is one."""
        super().shutdown()
        if self.transport.is_closing() and self.transport.get_extra_info("ssl_object") is not None:
            self.loop.call_later(self.closing_seconds, self.transport.abort)

    @abstractmethod
    def _expire(self) -> None:
        """Act on a missed deadline of the present phase."""

    def _check_deadlines(self) -> None:
        """Act on a deadline that has passed, and check again when the next one may be due."""
        now = self.loop.time()
        if self.flow.read_paused and self._phase == BODY:  # the application is slow, not the client
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

    def _stop_watching(self) -> None:
        if self._check is not None:
            self._check.cancel()
            self._check = None

    def _client_stopped_reading(self, now: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, now
        return now - self._unsent_since >= self.write_seconds and unsent > 0

    def _due(self) -> float | None:
        """The deadline of the present phase; None while only the application is waited for."""
        if self._ended:
            return self._linger_until
        if self._phase == HEAD:
            return self._phase_since + self.head_seconds
        if self._phase == BODY and self.cycle.response_complete:
            return max(self._idle_since, self._phase_since) + self.body_seconds
        if self._phase == BODY:
            at_rate = self._phase_since + self.body_seconds + self._body_bytes / MIN_BODY_RATE
            return min(self._progress_at + self.body_seconds, at_rate)
        if self.cycle is None:
            return self._idle_since + self.head_seconds
        return self._idle_since + self.timeout_keep_alive if self.cycle.response_complete else None
