"""uvicorn's HTTP protocol with the fast path in front of it.

A request for a decision that arrived completely, on a connection without another request in progress, is
offered to the fast path. uvicorn handles everything else as usual: other routes, other spellings of the path,
faulty requests, and bodies that arrive in many parts.
"""

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from entrypoints.api.decisions.predictions import FAILED, MAX_BODY_BYTES, PATH, FailedRequest
from entrypoints.api.fast_path.fast_path import FastPath
from entrypoints.api.fast_path.request_head import Incomplete, RequestHeadCache, Unusual
from entrypoints.api.http.problems import MEDIA_TYPE, PROBLEM_TYPE, Problem
from entrypoints.api.http.responses import json_bytes
from entrypoints.http.deadlines import IDLE
from entrypoints.http.limits import Refusal
from entrypoints.http.protocol import LimitedHttpProtocol

FAST_PATH = "fast_path"
"""The attribute of the application's state that holds the FastPath, if there is one."""

_REQUEST_LINE = f"POST {PATH} HTTP/1.1\r\n".encode()
_MAX_REQUEST_BYTES = MAX_BODY_BYTES + 16 * 1024
_REST_SECONDS = 0.05
"""How long the rest of a request may take: many clients send head and body separately. Then uvicorn takes over."""

_STATUS_LINE = b"HTTP/1.1 200 OK\r\n"
_CLOSE = b"connection: close\r\n"
_heads = RequestHeadCache()


class _ResponseStart:
    """The status line and the server's own headers, which uvicorn replaces once per second."""

    def __init__(self) -> None:
        self._headers: list[tuple[bytes, bytes]] = []
        self._text = _STATUS_LINE

    def of(self, server: ServerState) -> bytes:
        """The current text."""
        if self._headers is not server.default_headers:
            self._headers = server.default_headers
            self._text = _STATUS_LINE + b"".join([b"%s: %s\r\n" % header for header in self._headers])
        return self._text


_response_start = _ResponseStart()


class _NoEvent:
    """Stands in for the event that wakes an application: the request is complete, and none waits."""

    def set(self) -> None:
        """Do nothing."""


class _AcceptedRequest:
    """A request in progress on the fast path, with the attributes that uvicorn reads from a connection's cycle."""

    __slots__ = ("data", "disconnected", "keep_alive", "response_complete")
    message_event = _NoEvent()

    def __init__(self, data: bytes, keep_alive: bool) -> None:
        self.data = data
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_complete = False


class DecisionProtocol(LimitedHttpProtocol):
    """One connection; the state of `config.loaded_app` holds the fast path."""

    body_seconds = 25.0
    """Longer than the application's own deadlines (`request_body`), whose problem details say more."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._fast_path: FastPath | None = getattr(getattr(self.app, "state", None), FAST_PATH, None)
        self._accepted: _AcceptedRequest | None = None
        self._buffer = bytearray()
        self._buffer_until = 0
        self._release_timer: asyncio.TimerHandle | None = None

    def render(self, refusal: Refusal) -> tuple[str, bytes]:
        """A problem detail."""
        problem = Problem(PROBLEM_TYPE + refusal.name, refusal.title, refusal.status, refusal.detail)
        return MEDIA_TYPE, json_bytes(problem)

    def data_received(self, data: bytes) -> None:
        """Offer a request for a decision to the fast path; pass everything else to uvicorn."""
        if self._accepted is not None:
            self._buffer += data
            self.flow.pause_reading()
        elif self._buffer:
            self._buffer += data
            if len(self._buffer) >= self._buffer_until:
                self._offer(bytes(self._buffer), self._fast_path)
        elif self._fast_path is None or not data.startswith(_REQUEST_LINE):
            super().data_received(data)
        elif self._is_busy() or self.flow.write_paused:
            self._fast_path.fell_back("pipelined")
            super().data_received(data)
        else:
            self._unset_keepalive_if_required()
            self._offer(data, self._fast_path)

    def _is_busy(self) -> bool:
        """Whether a request is in progress."""
        return self._phase != IDLE or not (self.cycle is None or self.cycle.response_complete)

    def _offer(self, data: bytes, fast_path: FastPath | None) -> None:
        request = None
        if fast_path is not None:
            try:
                request = _heads.read(data)
            except Incomplete as incomplete:
                if incomplete.length <= _MAX_REQUEST_BYTES:
                    self._hold(data, incomplete.length)
                    return
                fast_path.fell_back("rejected")
            except Unusual:
                fast_path.fell_back("unusual")
        self._take_buffer()
        if request is not None and fast_path is not None and fast_path.accept(request, self):
            if request.head.cache_key is not None:
                _heads.remember(request.head)  # the caller is authenticated
            self._accepted = _AcceptedRequest(data, request.head.keep_alive)
            self.cycle = self._accepted  # type: ignore[assignment] # it has what uvicorn reads
        else:
            super().data_received(data)

    def _hold(self, data: bytes, length: int) -> None:
        """Wait for the rest, for a limited time from the first part on, however many parts follow."""
        self._buffer, self._buffer_until = bytearray(data), length
        if self._release_timer is None:
            self._release_timer = self.loop.call_later(_REST_SECONDS, self._release)

    def _take_buffer(self) -> bytes:
        data = bytes(self._buffer)
        self._buffer.clear()
        if self._release_timer is not None:
            self._release_timer.cancel()
            self._release_timer = None
        return data

    def _release(self) -> None:
        """Pass an incomplete request to uvicorn."""
        data = self._take_buffer()
        if data and self.parser is not None:
            if self._fast_path is not None:
                self._fast_path.fell_back("incomplete")
            super().data_received(data)

    def respond(self, headers: bytes, body: bytes) -> None:
        """Send the response to the accepted request, and continue with what arrived meanwhile."""
        accepted = self._complete()
        if self.transport.is_closing():
            return
        end = b"\r\n" if accepted.keep_alive else _CLOSE + b"\r\n"
        self.transport.write(b"".join((_response_start.of(self.server_state), headers, end, body)))
        if not accepted.keep_alive:
            self.transport.close()
        # as uvicorn does after a response, but without a timer for each
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        self._continue()

    def _due(self) -> float | None:
        return None if self._buffer else super()._due()

    def fall_back(self, failed: FailedRequest) -> bool:
        """Let the application respond to the accepted request; False where the client has disconnected."""
        accepted = self._complete()
        if self.transport.is_closing():
            return False
        app_state, self.app_state = self.app_state, {**self.app_state, FAILED: failed, **failed.state}
        try:
            super().data_received(accepted.data)
        finally:
            self.app_state = app_state
        self.cycle.keep_alive = self.cycle.keep_alive and accepted.keep_alive
        self._continue()
        return True

    def _complete(self) -> _AcceptedRequest:
        accepted = self._accepted
        if accepted is None:
            raise RuntimeError("no request of this connection was accepted")
        self._accepted = None
        accepted.response_complete = True
        return accepted

    def _continue(self) -> None:
        """Process what arrived meanwhile."""
        if self._buffer and not self.transport.is_closing():
            self.flow.resume_reading()
            self.data_received(self._take_buffer())

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop what was buffered."""
        self._take_buffer()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Stop; the request in progress is still answered."""
        if self._accepted is None:
            self._release()
        super().shutdown()
