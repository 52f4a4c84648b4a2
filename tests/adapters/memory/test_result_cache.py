"""The result cache in memory evicts the least recently used result."""

from datetime import timedelta

from adapters.memory.result_cache import MemoryResultCache
from application.ports.operations.result_cache import CacheKey

MINUTE = timedelta(minutes=1)


def key(number: int) -> CacheKey:
    return CacheKey("bounded 1", (str(number),))


async def test_the_least_recently_used_result_is_evicted_first() -> None:
    cache = MemoryResultCache(size=3)
    for number in range(3):
        await cache.put(key(number), b"a result", lifetime=MINUTE)
    assert await cache.get(key(0)) is not None
    await cache.put(key(3), b"a result", lifetime=MINUTE)
    assert [await cache.get(key(number)) is not None for number in range(4)] == [True, False, True, True]
    assert cache.figures() == {"hits": 4, "misses": 1}
