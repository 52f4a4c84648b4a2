"""Shares one run of an operation between concurrent callers."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic


class Coalesced:
    """Runs an operation at most every `pause` seconds; calls that wait in the meantime share the next run.

    Each call returns after a run that started after the call.
    """

    def __init__(self, operation: Callable[[], Awaitable[None]], *, pause: float = 0.2) -> None:
        self._operation = operation
        self._pause = pause
        self._running = asyncio.Lock()
        self._started_at = -pause
        self._error: Exception | None = None

    async def __call__(self) -> None:
        """Wait for a run that started after this call; raises what that run raised."""
        called_at = monotonic()
        async with self._running:
            if self._started_at < called_at:
                await asyncio.sleep(self._started_at + self._pause - monotonic())
                await self._run()
            if self._error is not None:
                raise self._error

    async def _run(self) -> None:
        self._started_at, self._error = monotonic(), None
        try:
            await self._operation()
        except Exception as error:
            self._error = error
        except BaseException:  # the caller was cancelled, so the next one starts a new run
            self._started_at = -self._pause
            raise
