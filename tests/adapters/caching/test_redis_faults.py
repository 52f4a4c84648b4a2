"""The cache server stopped, frozen, full or lying: never an error, hardly a wait, and it comes back."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.caching.circuit_breaker import CircuitBreaker
from adapters.caching.encoding import key_of
from adapters.caching.redis_dependency import RedisDependency
from adapters.caching.redis_prediction_cache import RedisPredictionCache
from application.ports.models.credit_model import ModelVersion
from domain.models.characteristics import Characteristics
from support.builders import a_loan_application, a_prediction
from support.stoppable_valkey import Server
from support.without_waiting import at_once

MODEL = ModelVersion("1.0.0", "ab" * 32)
SOMEBODY = Characteristics.of(a_loan_application())
PAUSE = 0.2


@pytest.fixture
async def cache(server: Server) -> AsyncIterator[RedisPredictionCache]:
    cache = RedisPredictionCache(server.url, breaker=CircuitBreaker(failures=3, pause=PAUSE))
    yield cache
    await cache.aclose()


async def remember(cache: RedisPredictionCache) -> None:
    await cache.put(MODEL, SOMEBODY, a_prediction())
    await cache.drained()


async def remembers(cache: RedisPredictionCache) -> bool:
    return await cache.get(MODEL, SOMEBODY) is not None


async def comes_to_remember(cache: RedisPredictionCache) -> None:
    """Until it remembers: on a busy machine 20 ms may go by without a fault of anybody's."""
    async with asyncio.timeout(10):
        while not await remembers(cache):  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(PAUSE)


async def becomes(wanted: Callable[[], bool], cache: RedisPredictionCache, within: float = 5.0) -> None:
    """Ask the cache until something has come to be."""
    async with asyncio.timeout(within):
        while not wanted():
            await remembers(cache)
            await asyncio.sleep(0.01)


async def test_a_stopped_server_means_misses_and_after_three_failures_it_is_not_asked(
    server: Server, cache: RedisPredictionCache
) -> None:
    await remember(cache)
    await comes_to_remember(cache)
    before = cache.figures()
    server.stop()
    for _ in range(10):
        assert not await remembers(cache)
        await cache.put(MODEL, SOMEBODY, a_prediction())
    figures = cache.figures()
    assert [figures[each] - before[each] for each in ("failures", "skipped")] == [3, 7]
    assert figures["breaker"] == 1.0


async def test_a_server_that_never_was_there_is_no_error(tmp_path: Path) -> None:
    cache = RedisPredictionCache(f"unix://{tmp_path}/nobody.sock")
    assert not await remembers(cache)
    await remember(cache)
    assert cache.figures()["not_stored"] == 1
    await cache.aclose()


async def test_a_server_that_is_back_is_used_again_after_one_probe(
    server: Server, cache: RedisPredictionCache
) -> None:
    await remember(cache)
    server.stop()
    await becomes(lambda: cache.figures()["breaker"] == 1.0, cache)
    server.start()
    assert not await remembers(cache)
    await asyncio.sleep(PAUSE)
    await becomes(lambda: cache.figures()["breaker"] == 0.0, cache)
    await remember(cache)
    await comes_to_remember(cache)


async def test_a_probe_that_fails_leaves_the_breaker_open(server: Server, cache: RedisPredictionCache) -> None:
    server.stop()
    await becomes(lambda: cache.figures()["breaker"] == 1.0, cache)
    await asyncio.sleep(PAUSE)
    failures = cache.figures()["failures"]
    assert not await remembers(cache)
    assert cache.figures()["failures"] == failures + 1
    assert cache.figures()["breaker"] == 1.0


async def test_a_frozen_server_costs_one_get_20_ms_and_the_others_nothing(
    server: Server, cache: RedisPredictionCache
) -> None:
    await remember(cache)
    await comes_to_remember(cache)
    before = cache.figures()["failures"]
    server.signal(signal.SIGSTOP)
    loop = asyncio.get_running_loop()

    async def waited() -> float:
        start = loop.time()
        assert not await remembers(cache)
        return loop.time() - start

    assert await waited() >= 0.018
    for _ in range(50):
        assert at_once(cache.get(MODEL, SOMEBODY)) is None
    assert cache.figures()["failures"] == before + 1
    await asyncio.sleep(1.1)
    await asyncio.gather(*(waited() for _ in range(50)))
    assert cache.figures()["failures"] == before + 2  # one wait for all of them
    server.signal(signal.SIGCONT)


async def test_a_put_to_a_frozen_server_does_not_wait(server: Server, cache: RedisPredictionCache) -> None:
    await remember(cache)
    server.signal(signal.SIGSTOP)
    somebody, prediction = Characteristics.of(a_loan_application()), a_prediction()
    for income in range(2_000):
        at_once(cache.put(ModelVersion("1", str(income)), somebody, prediction))
    server.signal(signal.SIGCONT)
    await cache.drained()
    assert cache.figures()["not_stored"] >= 900


async def test_after_a_freeze_nobody_gets_somebody_elses_prediction(
    server: Server, cache: RedisPredictionCache
) -> None:
    theirs = {ModelVersion("1", str(number)): -1 - number / 100 for number in range(40)}
    for model, log_odds in theirs.items():
        await cache.put(model, SOMEBODY, a_prediction(log_odds=log_odds))
    await cache.drained()

    async def have_theirs() -> int:
        """A miss may be: on a busy machine 20 ms go by without a fault. Another's prediction may never be."""
        answers = await asyncio.gather(*(cache.get(model, SOMEBODY) for model in theirs))
        got = {model: answer.log_odds for model, answer in zip(theirs, answers, strict=True) if answer}
        assert got == {model: theirs[model] for model in got}
        return len(got)

    for freeze in (0.03, 0.2, 1.2):
        server.signal(signal.SIGSTOP)
        answers = await asyncio.gather(*(cache.get(model, SOMEBODY) for model in theirs))
        assert answers == [None] * len(theirs)
        await asyncio.sleep(freeze)
        server.signal(signal.SIGCONT)
        await asyncio.sleep(PAUSE)
        async with asyncio.timeout(5.0):
            while await have_theirs() < len(theirs):
                await remember(cache)


async def test_a_caller_who_goes_away_leaves_the_others_their_answers(server: Server) -> None:
    cache = RedisPredictionCache(server.url, patience=timedelta(seconds=5))
    await remember(cache)
    gone = asyncio.create_task(remembers(cache))
    stays = asyncio.create_task(remembers(cache))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays
    await cache.aclose()


async def test_a_value_that_is_no_prediction_is_a_miss(server: Server, cache: RedisPredictionCache) -> None:
    async with Redis.from_url(server.url) as client:
        await client.set(key_of(MODEL, SOMEBODY), b"\xc1 not MessagePack")
        assert not await remembers(cache)
        await client.delete(key_of(MODEL, SOMEBODY))
        await client.rpush(key_of(MODEL, SOMEBODY), b"a list")
    assert not await remembers(cache)
    assert cache.figures()["breaker"] == 0.0


async def test_a_full_server_keeps_what_it_has_and_fails_nobody(
    server: Server, cache: RedisPredictionCache
) -> None:
    await remember(cache)
    async with Redis.from_url(server.url) as client:
        await client.config_set("maxmemory", "1")
    await cache.put(ModelVersion("2", "other"), SOMEBODY, a_prediction())
    await cache.drained()
    assert cache.figures()["not_stored"] == 1
    await comes_to_remember(cache)


async def test_predictions_are_forgotten_after_their_time(server: Server) -> None:
    for patience in (timedelta(seconds=1), timedelta(hours=1)):
        cache = RedisPredictionCache(server.url, lifetime=patience)
        await remember(cache)
        async with Redis.from_url(server.url) as client:
            assert 0 < await client.pttl(key_of(MODEL, SOMEBODY)) <= patience.total_seconds() * 1000
        await cache.aclose()


async def test_what_waits_is_written_before_leaving(server: Server) -> None:
    cache = RedisPredictionCache(server.url)
    await cache.put(MODEL, SOMEBODY, a_prediction())
    await cache.aclose()
    async with Redis.from_url(server.url) as client:
        assert await client.exists(key_of(MODEL, SOMEBODY))


async def test_the_cache_as_a_dependency_is_up_then_down_then_up(server: Server) -> None:
    dependency = RedisDependency(server.url)
    assert dependency.name == "cache"
    await dependency.check()
    server.stop()
    with pytest.raises(RedisError):
        await dependency.check()
    server.start()
    await dependency.check()
