"""Answers in the process: how many there can be."""

from datetime import timedelta

from adapters.memory.result_cache import MemoryResultCache
from application.ports.operations.result_cache import CacheKey

A_WHILE = timedelta(minutes=1)


def about(number: int) -> CacheKey:
    return CacheKey("bounded 1", (str(number),))


async def test_the_least_recently_used_are_forgotten_first() -> None:
    answers = MemoryResultCache(size=3)
    for number in range(3):
        await answers.put(about(number), b"an answer", lifetime=A_WHILE)
    assert await answers.get(about(0)) is not None
    await answers.put(about(3), b"an answer", lifetime=A_WHILE)
    assert [await answers.get(about(number)) is not None for number in range(4)] == [True, False, True, True]
    assert answers.figures() == {"hits": 4, "misses": 1}
