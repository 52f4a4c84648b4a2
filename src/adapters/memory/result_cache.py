"""Answers remembered in the process: the least recently used are forgotten first."""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

from application.ports.operations.result_cache import CacheKey, ResultCache


class MemoryResultCache(ResultCache):
    """At most `size` answers. `now` tells seconds of a clock that never steps back."""

    def __init__(self, size: int = 512, *, now: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._now = now
        self._answers: OrderedDict[CacheKey, tuple[bytes, float]] = OrderedDict()
        self._hits = 0
        self._misses = 0

    async def get(self, question: CacheKey) -> bytes | None:
        """The answer, if remembered and its time is not over."""
        answer, until = self._answers.get(question, (None, 0.0))
        if answer is None or self._now() >= until:
            self._answers.pop(question, None)
            self._misses += 1
            return None
        self._hits += 1
        self._answers.move_to_end(question)
        return answer

    async def put(self, question: CacheKey, answer: bytes, *, lifetime: timedelta) -> None:
        """Remember an answer."""
        self._answers[question] = answer, self._now() + lifetime.total_seconds()
        self._answers.move_to_end(question)
        if len(self._answers) > self._size:
            self._answers.popitem(last=False)

    def figures(self) -> dict[str, float]:
        """Counts of gets since the start."""
        return {"hits": self._hits, "misses": self._misses}
