"""The delay of the event loop: how late callbacks run because another one takes long."""

import asyncio
from collections.abc import Callable
from time import perf_counter

_INTERVAL = 0.25


class EventLoopLag:
    """Measures the lag of the running event loop from `open` to `close`; `observe` receives it in seconds.

    Event loops schedule to the millisecond.
    """

    def __init__(self, observe: Callable[[float], None]) -> None:
        self._observe = observe
        self._timer: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        self._schedule()

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _schedule(self) -> None:
        due = perf_counter() + _INTERVAL
        self._timer = asyncio.get_running_loop().call_later(_INTERVAL, self._measure, due)

    def _measure(self, due: float) -> None:
        self._observe(max(0.0, perf_counter() - due))
        self._schedule()
