"""Leaving in good order: asked to stop, the API first says so at /health/ready, and goes on answering for a while.

A balancer that asks there turns to other replicas meanwhile, so that nobody stands before the door when it closes.
"""

import asyncio
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Drain:
    """The time between being asked to stop and stopping: `notice` seconds; a second Ctrl-C spares the rest.

    Without notice the server stops at once, as it does by itself.
    """

    def __init__(self, notice: float) -> None:
        self.announced = False
        self._notice = notice
        self._stop: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        """Come before the server's own handlers of signals; to be called in the main thread, once it has them."""
        if self._notice <= 0:
            return
        self._loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                self._stop[number] = handler
                signal.signal(number, self._announce)

    def _announce(self, number: int, frame: FrameType | None) -> None:
        if not self.announced and self._loop is not None:
            self.announced = True
            self._loop.call_soon_threadsafe(self._loop.call_later, self._notice, self._stop[number], number, None)
        elif number == signal.SIGINT:
            self._stop[number](number, frame)
