"""Draining: before the server stops, /health/ready answers 503 for a while and everything else goes on.

Load balancers that poll it send new requests to other replicas meanwhile, so that no request fails.
"""

import asyncio
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Drain:
    """Delays the server's shutdown by `seconds` after the first signal; a second Ctrl-C skips the delay."""

    def __init__(self, seconds: float) -> None:
        self.started = False
        self._seconds = seconds
        self._stop: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def install(self) -> None:
        """Wrap the server's signal handlers; call it in the main thread once the server has set them."""
        if self._seconds <= 0:
            return
        self._loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                self._stop[number] = handler
                signal.signal(number, self._start)

    def _start(self, number: int, frame: FrameType | None) -> None:
        if not self.started and self._loop is not None:
            self.started = True
            self._loop.call_soon_threadsafe(self._loop.call_later, self._seconds, self._stop[number], number, None)
        elif number == signal.SIGINT:
            self._stop[number](number, frame)
