"""The contract of every result cache."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.caching.redis_cache import RedisCache
from adapters.caching.redis_result_cache import RedisResultCache
from adapters.memory.result_cache import MemoryResultCache
from application.ports.operations.result_cache import CacheKey, ResultCache

MINUTE = timedelta(minutes=1)
KEY = CacheKey("counterfactual 1", ("model " * 10, "policy", "$10,000"), requested_by="anna")
RESULT = b"\x00\xff a result\r\n, any bytes at all" * 1000


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[ResultCache]:
    if request.param == "memory":
        yield MemoryResultCache()
        return
    redis = RedisCache(request.getfixturevalue("valkey_url"), timeout=timedelta(seconds=5))
    yield RedisResultCache(redis)
    await redis.aclose()


async def test_a_result_that_was_never_stored_is_a_miss(cache: ResultCache) -> None:
    assert await cache.get(KEY) is None


@pytest.mark.parametrize("result", [RESULT, b""])
async def test_a_result_is_returned_byte_for_byte(cache: ResultCache, result: bytes) -> None:
    await cache.put(KEY, result, lifetime=MINUTE)
    assert await cache.get(KEY) == result


async def test_the_later_of_two_results_is_cached(cache: ResultCache) -> None:
    await cache.put(KEY, b"first", lifetime=MINUTE)
    await cache.put(KEY, b"second", lifetime=MINUTE)
    assert await cache.get(KEY) == b"second"


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, kind="counterfactual 2"),
        replace(KEY, requested_by="bruno"),
        replace(KEY, requested_by=""),
        replace(KEY, depends_on=("model " * 10, "policy", "$10,001")),
        replace(KEY, depends_on=("model " * 10, "policy$10,000")),
        replace(KEY, depends_on=("model " * 10, "policy", "$10,000", "")),
        replace(KEY, depends_on=("policy", "model " * 10, "$10,000")),
    ],
)
async def test_any_difference_in_the_key_is_a_miss(cache: ResultCache, other: CacheKey) -> None:
    await cache.put(KEY, RESULT, lifetime=MINUTE)
    assert await cache.get(other) is None


async def test_each_result_expires_after_its_own_lifetime(cache: ResultCache) -> None:
    brief = replace(KEY, kind="brief")
    await asyncio.gather(
        cache.put(brief, RESULT, lifetime=timedelta(milliseconds=300)),
        cache.put(KEY, RESULT, lifetime=MINUTE),
    )
    assert await cache.get(brief) == RESULT
    await asyncio.sleep(0.35)
    assert await cache.get(brief) is None
    assert await cache.get(KEY) == RESULT


async def test_concurrent_callers_each_get_their_own_result(cache: ResultCache) -> None:
    keys = [replace(KEY, requested_by=f"person {number}") for number in range(100)]
    await asyncio.gather(
        *(cache.put(one, one.requested_by.encode(), lifetime=MINUTE) for one in keys),
    )
    assert await asyncio.gather(*(cache.get(one) for one in keys)) == [one.requested_by.encode() for one in keys]
