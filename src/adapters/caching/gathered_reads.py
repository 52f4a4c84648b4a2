"""Reads that arrive while a round trip is under way, gathered into the next one; nobody waits for long."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from adapters.caching.circuit_breaker import CircuitBreaker

_MOST_AT_ONCE = 256

Fetch = Callable[[list[bytes]], Awaitable[Sequence[bytes | None]]]
"""Gives the value of each key in one round trip, None where there is none."""


class GatheredReads:
    """Reads through `fetch`, at most one call of it at a time.

    Nobody waits longer than `patience` seconds. A call that takes longer goes on for up to `deadline` seconds, so
    that a slow first connection can still come about; until it ends nothing is waited for at all. `failures`
    counts calls that were late or raised, `skipped` the reads that were not tried.
    """

    def __init__(
        self, fetch: Fetch, breaker: CircuitBreaker, *, patience: float = 0.02, deadline: float = 1.0
    ) -> None:
        self._fetch = fetch
        self._breaker = breaker
        self._patience = patience
        self._deadline = deadline
        self._waiting: list[tuple[bytes, asyncio.Future[bytes | None], float]] = []
        self._asked: list[asyncio.Future[bytes | None]] = []
        self._runner: asyncio.Task[None] | None = None
        self._late = False
        self.failures = 0
        self.skipped = 0

    async def read(self, key: bytes) -> bytes | None:
        """The value, or None when there is none, or none in time."""
        if self._late or not self._breaker.allows():
            self.skipped += 1
            return None
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes | None] = loop.create_future()
        self._waiting.append((key, answer, loop.time()))
        if self._runner is None:
            self._runner = loop.create_task(self._run(loop))
        return await answer

    async def aclose(self) -> None:
        """Stop waiting for anything."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait((self._runner,))

    async def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while self._waiting:
                await self._ask(loop)
        finally:
            self._runner = None
            self._give_in()

    async def _ask(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
        self._asked = [answer for _, answer, _ in batch]
        timer = loop.call_at(batch[0][2] + self._patience, self._become_late)
        try:
            async with asyncio.timeout(self._deadline):
                values = await self._fetch([key for key, _, _ in batch])
        except Exception:
            # Whatever went wrong with a cache, its answer is "not remembered".
            if not self._late:
                self._fail()
        else:
            if not self._late:
                self._breaker.succeeded()
                _answer(self._asked, values)
        finally:
            timer.cancel()
            self._late = False

    def _become_late(self) -> None:
        self._late = True
        self._fail()

    def _fail(self) -> None:
        self.failures += 1
        self._breaker.failed()
        self._give_in()

    def _give_in(self) -> None:
        """Everybody who asked or waits to ask gets "not remembered"."""
        waiting, self._waiting = self._waiting, []
        _answer([*self._asked, *(answer for _, answer, _ in waiting)], [None] * (len(self._asked) + len(waiting)))


def _answer(answers: Sequence[asyncio.Future[bytes | None]], values: Sequence[bytes | None]) -> None:
    for answer, value in zip(answers, values, strict=True):
        if not answer.done():  # its caller may have gone away
            answer.set_result(value)
