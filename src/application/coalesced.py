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
        self._fault: Exception | None = None

    async def __call__(self) -> None:
        """Return once a run that began no earlier than now has succeeded; raises what that run raised."""
        called = monotonic()
        async with self._running:
            if self._began < called:
                await asyncio.sleep(self._began + self._pause - monotonic())
                await self._run()
            if self._fault is not None:
                raise self._fault

    async def _run(self) -> None:
        self._began, self._fault = monotonic(), None
        try:
            await self._operation()
        except Exception as fault:
            self._fault = fault
        except BaseException:  # the caller was cancelled: those behind it begin again
            self._began = -self._pause
            raise
