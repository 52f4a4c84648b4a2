"""A result cache in the memory of one process, which evicts the least recently used result first."""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

from application.ports.operations.result_cache import CacheKey, ResultCache


class MemoryResultCache(ResultCache):
    """Holds at most `size` results. `now` returns the seconds of a monotonic clock."""

    def __init__(self, size: int = 512, *, now: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._now = now
        self._results: OrderedDict[CacheKey, tuple[bytes, float]] = OrderedDict()
        self._hits = 0
        self._misses = 0

    async def get(self, key: CacheKey) -> bytes | None:
        """The result, if it is cached and has not expired."""
        result, expires = self._results.get(key, (None, 0.0))
        if result is None or self._now() >= expires:
            self._results.pop(key, None)
            self._misses += 1
            return None
        self._hits += 1
        self._results.move_to_end(key)
        return result

    async def put(self, key: CacheKey, result: bytes, *, lifetime: timedelta) -> None:
        """Cache the result."""
        self._results[key] = result, self._now() + lifetime.total_seconds()
        self._results.move_to_end(key)
        if len(self._results) > self._size:
            self._results.popitem(last=False)

    def figures(self) -> dict[str, float]:
        """Counts of `get` since the start."""
        return {"hits": self._hits, "misses": self._misses}
