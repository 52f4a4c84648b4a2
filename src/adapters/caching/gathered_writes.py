"""Writes that nobody waits for, gathered while a round trip is under way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

Value = TypeVar("Value")


class GatheredWrites(Generic[Value]):
    """Writes through `store`, which keeps them by key; one call at a time, each within `deadline` seconds.

    At most `most_waiting` values wait; more are dropped, as there is nothing to lose but time. `stored`, `failed`
    and `dropped` count values.
    """

    def __init__(
        self,
        store: Callable[[Mapping[bytes, Value]], Awaitable[None]],
        *,
        most_waiting: int = 1024,
        deadline: float = 1.0,
    ) -> None:
        self._store = store
        self._most_waiting = most_waiting
        self._deadline = deadline
        self._waiting: dict[bytes, Value] = {}
        self._runner: asyncio.Task[None] | None = None
        self.stored = 0
        self.failed = 0
        self.dropped = 0

    def write(self, key: bytes, value: Value) -> None:
        """Store the value some time soon."""
        if len(self._waiting) >= self._most_waiting:
            self.dropped += 1
            return
        self._waiting[key] = value
        if self._runner is None:
            self._runner = asyncio.get_running_loop().create_task(self._run())

    async def drained(self) -> None:
        """Return once nothing waits any more."""
        if self._runner is not None:
            await asyncio.wait((self._runner,))

    async def aclose(self) -> None:
        """Store what waits, for one deadline at most, and drop the rest."""
        if self._runner is not None:
            await asyncio.wait((self._runner,), timeout=self._deadline)
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait((self._runner,))

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, {}
                await self._write(batch)
        finally:
            self._runner = None

    async def _write(self, batch: Mapping[bytes, Value]) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                await self._store(batch)
        except Exception:
            # The answer left long ago; that something was not remembered is only counted.
            self.failed += len(batch)
        else:
            self.stored += len(batch)
