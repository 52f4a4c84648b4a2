"""The cache server stopped, frozen, full or cancelled: never an error, hardly a wait, and it is used again."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.caching.circuit_breaker import CircuitBreaker
from adapters.caching.redis_cache import RedisCache
from adapters.caching.redis_client import RedisDependency
from support.dark_proxy import dark_proxy
from support.stoppable_valkey import Server

KEY, VALUE = b"a key", b"a value"
MINUTE = timedelta(minutes=1)
PAUSE = 0.2


@pytest.fixture
async def cache(server: Server) -> AsyncIterator[RedisCache]:
    cache = RedisCache(server.url, breaker=CircuitBreaker(failures=3, pause=PAUSE))
    yield cache
    await cache.aclose()


async def store(cache: RedisCache, value: bytes = VALUE) -> None:
    """Put until it is stored: on a busy machine 20 ms may pass without a fault."""
    async with asyncio.timeout(10):
        stored = cache.figures()["stored"]
        while True:
            await cache.put(KEY, value, lifetime=MINUTE)
            if cache.figures()["stored"] > stored:
                return
            await asyncio.sleep(PAUSE)


async def stored_value(cache: RedisCache) -> bytes:
    """Get until there is a value: on a busy machine 20 ms may pass without a fault."""
    async with asyncio.timeout(10):
        while (value := await cache.get(KEY)) is None:  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(PAUSE)
        return value


async def get_until(condition: Callable[[], bool], cache: RedisCache) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await cache.get(KEY)
            await asyncio.sleep(0.01)


async def test_a_stopped_server_means_misses_and_is_not_called_after_three_failures(
    server: Server, cache: RedisCache
) -> None:
    await store(cache)
    await stored_value(cache)
    before = cache.figures()
    server.stop()
    for _ in range(10):
        assert await cache.get(KEY) is None
    await cache.put(KEY, VALUE, lifetime=MINUTE)
    figures = cache.figures()
    assert [figures[name] - before[name] for name in ("failures", "skipped", "not_stored")] == [3, 7, 1]
    assert figures["breaker"] == 1.0


async def test_a_server_that_does_not_exist_is_no_error(tmp_path: Path) -> None:
    cache = RedisCache(f"unix://{tmp_path}/nothing.sock")
    assert await cache.get(KEY) is None
    await cache.put(KEY, VALUE, lifetime=MINUTE)
    assert cache.figures()["not_stored"] == 1
    await cache.aclose()


async def test_an_invalid_address_is_no_error() -> None:
    cache = RedisCache("no address at all")
    for _ in range(3):
        assert await cache.get(KEY) is None
        await cache.put(KEY, VALUE, lifetime=MINUTE)
    assert cache.figures()["not_stored"] == 3
    await cache.aclose()


async def test_a_server_that_is_back_is_used_again_after_one_trial(server: Server, cache: RedisCache) -> None:
    await store(cache)
    server.stop()
    await get_until(lambda: cache.figures()["breaker"] == 1.0, cache)
    server.start()
    assert await cache.get(KEY) is None
    await asyncio.sleep(PAUSE)
    await get_until(lambda: cache.figures()["breaker"] == 0.0, cache)
    await store(cache)
    assert await stored_value(cache) == VALUE


async def test_a_trial_that_fails_leaves_the_breaker_open(server: Server, cache: RedisCache) -> None:
    await store(cache)
    server.stop()
    await get_until(lambda: cache.figures()["breaker"] == 1.0, cache)
    await asyncio.sleep(PAUSE)
    failures = cache.figures()["failures"]
    assert await cache.get(KEY) is None
    assert cache.figures()["failures"] == failures + 1
    assert cache.figures()["breaker"] == 1.0


async def test_a_frozen_server_costs_20_ms_a_call_until_the_breaker_opens(
    server: Server, cache: RedisCache
) -> None:
    await store(cache)
    await stored_value(cache)
    server.signal(signal.SIGSTOP)
    loop = asyncio.get_running_loop()
    start = loop.time()
    assert await asyncio.gather(*(cache.get(KEY) for _ in range(50))) == [None] * 50
    assert loop.time() - start >= 0.018
    assert cache.figures()["breaker"] == 1.0
    before = cache.figures()
    await cache.put(KEY, VALUE, lifetime=MINUTE)
    assert await cache.get(KEY) is None
    assert cache.figures()["failures"] == before["failures"]
    server.signal(signal.SIGCONT)


async def test_after_a_freeze_every_key_still_has_its_own_value(server: Server, cache: RedisCache) -> None:
    values = {b"key %d" % number: b"value %d" % number for number in range(40)}
    await store(cache)
    async with Redis.from_url(server.url) as client:
        await client.mset(values)

    async def correct_values() -> int:
        """A miss is allowed, because 20 ms may pass on a busy machine. The value of another key never is."""
        found = dict(zip(values, await asyncio.gather(*(cache.get(key) for key in values)), strict=True))
        found = {key: value for key, value in found.items() if value is not None}
        assert found == {key: values[key] for key in found}
        return len(found)

    for freeze in (0.03, 0.2, 1.2):
        server.signal(signal.SIGSTOP)
        assert await asyncio.gather(*(cache.get(key) for key in values)) == [None] * len(values)
        await asyncio.sleep(freeze)
        server.signal(signal.SIGCONT)
        async with asyncio.timeout(10):
            while await correct_values() < len(values):  # noqa: ASYNC110 - as above
                await asyncio.sleep(PAUSE)


async def test_a_cancelled_get_leaves_the_cache_usable(server: Server) -> None:
    cache = RedisCache(server.url, timeout=timedelta(seconds=5))
    await store(cache)
    cancelled = asyncio.create_task(cache.get(KEY))
    other = asyncio.create_task(cache.get(KEY))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert await other == VALUE
    assert await cache.get(KEY) == VALUE
    await cache.aclose()


async def test_a_value_of_another_type_is_a_miss(server: Server, cache: RedisCache) -> None:
    await cache.put(b"another", VALUE, lifetime=MINUTE)
    async with Redis.from_url(server.url) as client:
        await client.rpush(KEY, b"a list")
    assert await cache.get(KEY) is None
    assert cache.figures()["breaker"] == 0.0


async def test_a_full_server_keeps_what_it_has(server: Server, cache: RedisCache) -> None:
    await store(cache)
    async with Redis.from_url(server.url) as client:
        await client.config_set("maxmemory", "1")
    await cache.put(KEY, b"another value", lifetime=MINUTE)
    assert cache.figures()["not_stored"] >= 1
    assert await stored_value(cache) == VALUE


async def test_a_value_expires_after_its_lifetime(server: Server, cache: RedisCache) -> None:
    await store(cache)
    for lifetime in (timedelta(seconds=1), timedelta(hours=1), timedelta(0)):
        await cache.put(KEY, VALUE, lifetime=lifetime)
        async with Redis.from_url(server.url) as client:
            left = await client.pttl(KEY)
        assert left <= max(lifetime.total_seconds() * 1000, 1)
        assert left > lifetime.total_seconds() * 500 or lifetime == timedelta(0)


async def test_the_first_get_opens_the_client_and_does_not_wait_for_it(server: Server) -> None:
    cache = RedisCache(server.url, timeout=timedelta(seconds=5))
    assert await cache.get(KEY) is None
    assert cache.figures()["skipped"] == 1
    await cache.put(KEY, VALUE, lifetime=MINUTE)
    assert await cache.get(KEY) == VALUE
    await cache.aclose()


async def test_the_health_check_follows_the_server(server: Server) -> None:
    dependency = RedisDependency(server.url)
    assert dependency.name == "cache"
    await dependency.check()
    server.stop()
    with pytest.raises(RedisError):
        await dependency.check()
    server.start()
    await dependency.check()


def test_the_client_library_is_imported_on_first_use_only(server: Server) -> None:
    program = f"""
import asyncio, sys
from datetime import timedelta
from entrypoints.composition.configured_adapters import caches
from entrypoints.configuration.settings import read_settings
from adapters.observability.observability import Observability
from application.ports.operations.result_cache import CacheKey

async def use():
    settings = read_settings({{"SCORING_REDIS_URL": {server.url!r}}})
    observability = Observability.start(service="scoring-api", version="0")
    opened = caches(settings, observability)
    print("redis" in sys.modules)
    await opened.results.get(CacheKey("any 1", ()))
    await opened.results.put(CacheKey("any 1", ()), b"", lifetime=timedelta(seconds=1))
    print("redis" in sys.modules)
    await opened.close()
    metric = b'scoring_cache_events_total{{cache="answers",event="misses"}} 1.0'
    print(metric in observability.metrics.exposition()[0])
    observability.close()

asyncio.run(use())
"""
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert finished.stdout.split() == ["False", "True", "True"]


async def test_a_connection_gone_dark_costs_one_timeout(server: Server) -> None:
    parts = urlsplit(server.url)
    async with dark_proxy(parts.path) as proxy:
        login = parts.netloc.rpartition("@")[0]
        cache = RedisCache(f"redis://{login}@127.0.0.1:{proxy.port}", timeout=timedelta(milliseconds=200))
        await store(cache)
        proxy.go_dark()
        began = perf_counter()
        assert await cache.get(KEY) is None
        assert perf_counter() - began < 0.5
        assert await stored_value(cache) == VALUE
        await cache.aclose()
