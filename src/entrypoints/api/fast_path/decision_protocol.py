"""uvicorn's protocol, with the straight way beside it.

A request of the busy route that is there whole, on a connection where nothing else is under way, is offered to the
straight way. All else is uvicorn's, as ever: other routes, other spellings, faults, what comes in many pieces.
"""

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from entrypoints.api.decisions.predictions import FAILED, LARGEST_BODY, PATH, Failed
from entrypoints.api.fast_path.fast_path import FastPath
from entrypoints.api.fast_path.request_head import Incomplete, RequestHeadCache, Unusual
from entrypoints.api.http.problems import MEDIA_TYPE, PROBLEM_TYPE, Problem
from entrypoints.api.http.request_facts import BEGAN
from entrypoints.api.http.responses import json_bytes
from entrypoints.http.deadlines import IDLE
from entrypoints.http.limits import Refusal
from entrypoints.http.protocol import LimitedHttpProtocol

FAST_PATH = "straight_way"
"""Where the application's state holds it, if there is one."""

_BEGINNING = f"POST {PATH} HTTP/1.1\r\n".encode()
_LONGEST = LARGEST_BODY + 16 * 1024
_SECONDS_FOR_THE_REST = 0.05
"""Many clients send head and body apart, one right behind the other. What takes longer uvicorn may wait for."""

_STATUS = b"HTTP/1.1 200 OK\r\n"
_CLOSE = b"connection: close\r\n"
_requests = RequestHeadCache()


class _Beginning:
    """How every answer begins: the status, and the server's own headers, which it changes once a second."""

    def __init__(self) -> None:
        self._headers: list[tuple[bytes, bytes]] = []
        self._text = _STATUS

    def of(self, server: ServerState) -> bytes:
        """The text, as the server has it now."""
        if self._headers is not server.default_headers:
            self._headers = server.default_headers
            self._text = _STATUS + b"".join([b"%s: %s\r\n" % header for header in self._headers])
        return self._text


_beginning = _Beginning()


class _Nobody:
    """Who waits for messages of a request that is whole."""

    def set(self) -> None:
        """Nobody hears it."""


class _Taken:
    """A request under way on the straight way, as uvicorn looks at the one that a connection is busy with."""

    __slots__ = ("data", "disconnected", "keep_alive", "response_complete")
    message_event = _Nobody()

    def __init__(self, data: bytes, keep_alive: bool) -> None:
        self.data = data
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_complete = False


class DecisionProtocol(LimitedHttpProtocol):
    """One connection. `config.loaded_app` says in its `state` which straight way there is."""

    body_seconds = 25.0
    """Behind the application's own deadlines (`request_body`), which say more of what went wrong."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._straight: FastPath | None = getattr(getattr(self.app, "state", None), FAST_PATH, None)
        self._taken: _Taken | None = None
        self._held = bytearray()
        self._held_until = 0
        self._letting_go: asyncio.TimerHandle | None = None

    def render(self, refusal: Refusal) -> tuple[str, bytes]:
        """A problem detail."""
        problem = Problem(PROBLEM_TYPE + refusal.name, refusal.title, refusal.status, refusal.detail)
        return MEDIA_TYPE, json_bytes(problem)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self._taken is not None:
            self._held += data
            self.flow.pause_reading()
        elif self._held:
            self._held += data
            if len(self._held) >= self._held_until:
                self._offer(bytes(self._held))
        elif self._straight is None or not data.startswith(_BEGINNING) or self._busy() or self.flow.write_paused:
            super().data_received(data)
        else:
            self._unset_keepalive_if_required()
            self._offer(data)

    def _busy(self) -> bool:
        """Whether a request is under way here."""
        return self._phase != IDLE or not (self.cycle is None or self.cycle.response_complete)

    def _offer(self, data: bytes) -> None:
        try:
            request = _requests.read(data)
        except Incomplete as partial:
            if partial.length <= _LONGEST:
                self._hold(data, partial.length)
                return
            request = None
        except Unusual:
            request = None
        self._unhold()
        if request is not None and self._straight is not None and self._straight.take(request, self):
            if request.head.cache_key is not None:
                _requests.remember(request.head)  # its caller is authenticated
            self._taken = self.cycle = _Taken(data, request.head.keep_alive)  # type: ignore[assignment] # as far as asked
        else:
            super().data_received(data)

    def _hold(self, data: bytes, length: int) -> None:
        """Wait for the rest: a moment from the first piece on, however many come."""
        self._held, self._held_until = bytearray(data), length
        if self._letting_go is None:
            self._letting_go = self.loop.call_later(_SECONDS_FOR_THE_REST, self._let_go)

    def _unhold(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        if self._letting_go is not None:
            self._letting_go.cancel()
            self._letting_go = None
        return held

    def _let_go(self) -> None:
        """Give uvicorn what was held back."""
        held = self._unhold()
        if held and self.parser is not None:
            super().data_received(held)

    def answer(self, headers: bytes, body: bytes) -> None:
        """Send the answer to the request that was taken, and go on."""
        taken = self._done()
        if self.transport.is_closing():
            return
        end = b"\r\n" if taken.keep_alive else _CLOSE + b"\r\n"
        self.transport.write(b"".join((_beginning.of(self.server_state), headers, end, body)))
        if not taken.keep_alive:
            self.transport.close()
        self._answered()
        self._go_on()

    def _answered(self) -> None:
        """What uvicorn does once a response is complete, but for a timer each time."""
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()

    def _due(self) -> float | None:
        return None if self._held else super()._due()

    def give_back(self, failed: Failed, began: float) -> bool:
        """Let the application tell what became of the request that was taken. False: nobody is there to hear."""
        taken = self._done()
        if self.transport.is_closing():
            return False
        known, self.app_state = self.app_state, {**self.app_state, FAILED: failed, BEGAN: began}
        try:
            super().data_received(taken.data)
        finally:
            self.app_state = known
        self.cycle.keep_alive = self.cycle.keep_alive and taken.keep_alive
        self._go_on()
        return True

    def _done(self) -> _Taken:
        taken = self._taken
        if taken is None:
            raise RuntimeError("there is no request to be answered here")
        self._taken = None
        taken.response_complete = True
        return taken

    def _go_on(self) -> None:
        """Look at what came meanwhile."""
        if self._held and not self.transport.is_closing():
            self.flow.resume_reading()
            self.data_received(self._unhold())

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._unhold()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops: what is under way here is still answered."""
        if self._taken is None:
            self._let_go()
        super().shutdown()
