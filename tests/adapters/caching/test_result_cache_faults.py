"""Answers while their server is stopped, frozen or full: never an error, hardly a wait; and how it is opened."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from adapters.caching.circuit_breaker import CircuitBreaker
from adapters.caching.lazy_redis_cache import LazyRedisCache
from adapters.caching.redis_result_cache import RedisResultCache, key_of
from application.ports.operations.result_cache import CacheKey
from support.stoppable_valkey import Server
from support.without_waiting import at_once

QUESTION = CacheKey("would it change 1", ("model", "policy", "$10,000"), asker="anna")
A_WHILE = timedelta(minutes=1)
PAUSE = 0.2


@pytest.fixture
async def answers(server: Server) -> AsyncIterator[RedisResultCache]:
    answers = RedisResultCache(server.url, breaker=CircuitBreaker(failures=3, pause=PAUSE))
    yield answers
    await answers.aclose()


async def remember(answers: RedisResultCache | LazyRedisCache, answer: bytes = b"an answer") -> None:
    await answers.put(QUESTION, answer, lifetime=A_WHILE)
    if isinstance(answers, RedisResultCache):
        await answers.drained()


async def recalled(answers: RedisResultCache | LazyRedisCache) -> bytes:
    """What is remembered, asked again where 20 ms go by on a busy machine without a fault of anybody's."""
    async with asyncio.timeout(10):
        while (answer := await answers.get(QUESTION)) is None:  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(PAUSE)
    return answer


async def test_a_stopped_server_has_forgotten_and_is_asked_three_times(
    server: Server, answers: RedisResultCache
) -> None:
    await remember(answers)
    assert await recalled(answers) == b"an answer"
    before = answers.figures()
    server.stop()
    for _ in range(10):
        assert await answers.get(QUESTION) is None
        await remember(answers)
    figures = answers.figures()
    assert [figures[each] - before[each] for each in ("failures", "skipped")] == [3, 7]
    assert figures["breaker"] == 1.0


async def test_a_server_that_is_back_remembers_again(server: Server, answers: RedisResultCache) -> None:
    server.stop()
    for _ in range(3):
        await answers.get(QUESTION)
    server.start()
    await asyncio.sleep(PAUSE)
    async with asyncio.timeout(5):
        while answers.figures()["breaker"] != 0.0:
            await answers.get(QUESTION)
            await asyncio.sleep(0.01)
    await remember(answers)
    assert await recalled(answers) == b"an answer"


async def test_a_frozen_server_costs_20_ms_once_and_a_put_nothing(
    server: Server, answers: RedisResultCache
) -> None:
    await remember(answers)
    await recalled(answers)
    server.signal(signal.SIGSTOP)
    start = time.perf_counter()
    assert await answers.get(QUESTION) is None
    assert time.perf_counter() - start >= 0.018
    for _ in range(5):
        at_once(answers.put(QUESTION, b"another", lifetime=A_WHILE))
        assert at_once(answers.get(QUESTION)) is None
    server.signal(signal.SIGCONT)


async def test_a_full_server_keeps_what_it_has_and_fails_nobody(server: Server, answers: RedisResultCache) -> None:
    await remember(answers, b"first")
    async with Redis.from_url(server.url) as client:
        await client.config_set("maxmemory", "1")
    await remember(answers, b"second")
    assert answers.figures()["not_stored"] == 1
    assert await recalled(answers) == b"first"


async def test_each_answer_is_kept_for_its_own_time(server: Server, answers: RedisResultCache) -> None:
    for lifetime in (timedelta(seconds=1), timedelta(hours=1), timedelta(0)):
        await answers.put(QUESTION, b"an answer", lifetime=lifetime)
        await answers.drained()
        async with Redis.from_url(server.url) as client:
            left = await client.pttl(key_of(QUESTION))
        assert left <= max(lifetime.total_seconds() * 1000, 1)
        assert left > lifetime.total_seconds() * 500 or lifetime == timedelta(0)


async def test_a_key_tells_nothing_of_who_asked(answers: RedisResultCache) -> None:
    assert b"anna" not in key_of(QUESTION)
    assert len({len(key_of(CacheKey("kind", ("x" * size,)))) for size in (0, 1, 1000)}) == 1


async def test_what_is_opened_at_the_first_question_keeps_what_was_put_meanwhile(server: Server) -> None:
    def slowly() -> RedisResultCache:
        time.sleep(0.2)
        return RedisResultCache(server.url)

    late = LazyRedisCache(slowly)
    assert at_once(late.get(QUESTION)) is None
    at_once(late.put(QUESTION, b"an answer", lifetime=A_WHILE))
    await late.opened()
    async with asyncio.timeout(5), Redis.from_url(server.url) as client:
        while not await client.exists(key_of(QUESTION)):  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.01)
    assert await recalled(late) == b"an answer"
    figures = late.figures()
    assert (figures["hits"], figures["stored"]) == (1, 1)
    assert figures["misses"] >= 1
    await late.aclose()


async def test_what_cannot_be_opened_has_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> RedisResultCache:
        return RedisResultCache("no address at all")

    late = LazyRedisCache(broken)
    for _ in range(3):
        assert await late.get(QUESTION) is None
        await remember(late)
        await late.opened()
    await late.aclose()
    assert late.figures() == {"hits": 0, "misses": 3}
    assert [record.message for record in caplog.records] == ["answers are not remembered"]


def test_the_client_is_imported_at_the_first_question_and_not_before(server: Server) -> None:
    program = f"""
import asyncio, os, sys
from entrypoints.composition.caches import caches
from entrypoints.configuration.settings import read_settings
from adapters.observability.observability import Observability
from application.ports.operations.result_cache import CacheKey

async def ask():
    settings = read_settings({{"SCORING_REDIS_URL": {server.url!r}}})
    watched = Observability.start(service="scoring-api", version="0")
    opened = caches(settings, watched)
    print("redis" in sys.modules)
    await opened.answers.get(CacheKey("any 1", ()))
    await opened.answers.opened()
    print("redis" in sys.modules)
    await opened.close()
    print(b'scoring_cache_events_total{{cache="answers",event="misses"}} 1.0' in watched.metrics.exposition()[0])
    watched.close()

asyncio.run(ask())
"""
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert told.stdout.split() == ["False", "True", "True"]
