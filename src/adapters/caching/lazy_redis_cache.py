"""Remembered answers whose client is imported when somebody first asks, for processes that may never need it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Protocol

from application.ports.operations.result_cache import CacheKey, ResultCache

_MOST_EARLY = 64
_log = logging.getLogger(__name__)


class Closable(ResultCache, Protocol):
    """Remembered answers that hold a connection, and count."""

    async def aclose(self) -> None:
        """Let go of the server."""

    def figures(self) -> Mapping[str, float]:
        """Counts since the start."""


class LazyRedisCache(ResultCache):
    """Opens at the first question, in a thread aside: nobody waits for an import of a third of a second.

    Until that is done nothing is remembered; the answers put meanwhile, 64 at most, are put then.
    """

    def __init__(self, load: Callable[[], Closable]) -> None:
        self._load = load
        self._opening: asyncio.Task[None] | None = None
        self._opened: Closable | None = None
        self._early: list[Callable[[Closable], Awaitable[None]]] = []
        self._misses = 0

    async def get(self, question: CacheKey) -> bytes | None:
        """The answer, if what remembers is open and does."""
        if self._opened is not None:
            return await self._opened.get(question)
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        self._misses += 1
        return None

    async def put(self, question: CacheKey, answer: bytes, *, lifetime: timedelta) -> None:
        """Have it remembered, now or once open; what nobody asked for before does not open anything."""
        if self._opened is not None:
            await self._opened.put(question, answer, lifetime=lifetime)
        elif self._opening is not None and len(self._early) < _MOST_EARLY:
            self._early.append(lambda opened: opened.put(question, answer, lifetime=lifetime))

    async def opened(self) -> None:
        """Return once the opening that was begun has come to its end."""
        if self._opening is not None:
            await asyncio.wait((self._opening,))

    async def aclose(self) -> None:
        """Let go, once what is being opened is open."""
        await self.opened()
        if self._opened is not None:
            await self._opened.aclose()

    def figures(self) -> dict[str, float]:
        """Counts of what is open, with the gets that came before it was among the misses."""
        figures = {"hits": 0.0, "misses": 0.0} if self._opened is None else dict(self._opened.figures())
        figures["misses"] += self._misses
        return figures

    async def _open(self) -> None:
        try:
            opened = await asyncio.to_thread(self._load)
        except Exception:
            _log.exception("answers are not remembered")
            return
        early, self._early = self._early, []
        for put in early:
            await put(opened)
        self._opened = opened
