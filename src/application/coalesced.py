"""An operation that many may want at the same time, run for all of them at once."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic


class Coalesced:
    """Runs an operation at most every `pause` seconds; calls that wait meanwhile share the next run.

    So callers cannot make it run as often as they call, and a call returns only after a run that began after it.
    """

    def __init__(self, operation: Callable[[], Awaitable[None]], *, pause: float = 0.2) -> None:
        self._operation = operation
        self._pause = pause
        self._running = asyncio.Lock()
        self._began = -pause
        self._succeeded = False

    async def __call__(self) -> None:
        """Return once a run that began no earlier than now has succeeded; raises what the operation raises."""
        called = monotonic()
        async with self._running:
            if self._succeeded and self._began >= called:
                return
            await asyncio.sleep(self._began + self._pause - monotonic())
            self._began, self._succeeded = monotonic(), False
            await self._operation()
            self._succeeded = True
