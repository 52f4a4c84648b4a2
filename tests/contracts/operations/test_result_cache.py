"""What everything that remembers answers promises."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.caching.lazy_redis_cache import LazyRedisCache
from adapters.caching.redis_result_cache import RedisResultCache
from adapters.memory.result_cache import MemoryResultCache
from application.ports.operations.result_cache import CacheKey, ResultCache

A_WHILE = timedelta(minutes=1)
QUESTION = CacheKey("would it change 1", ("model " * 10, "policy", "$10,000"), asker="anna")
ANSWER = b"\x00\xff an answer\r\n, any bytes at all" * 1000


class Settled(ResultCache):
    """Has kept what it was given by the time `put` returns."""

    def __init__(self, answers: ResultCache, far: RedisResultCache) -> None:
        self._answers = answers
        self._far = far

    async def get(self, question: CacheKey) -> bytes | None:
        return await self._answers.get(question)

    async def put(self, question: CacheKey, answer: bytes, *, lifetime: timedelta) -> None:
        await self._answers.put(question, answer, lifetime=lifetime)
        await self._far.drained()


@pytest.fixture(params=["memory", "redis", "redis, opened when asked"])
async def answers(request: pytest.FixtureRequest) -> AsyncIterator[ResultCache]:
    if request.param == "memory":
        yield MemoryResultCache()
        return
    far = RedisResultCache(request.getfixturevalue("valkey_url"), patience=timedelta(seconds=5))
    if request.param == "redis":
        yield Settled(far, far)
    else:
        late = LazyRedisCache(lambda: far)
        assert await late.get(QUESTION) is None
        await late.opened()
        yield Settled(late, far)
    await far.aclose()


async def test_what_was_never_answered_is_not_remembered(answers: ResultCache) -> None:
    assert await answers.get(QUESTION) is None


@pytest.mark.parametrize("answer", [ANSWER, b""])
async def test_an_answer_comes_back_byte_for_byte(answers: ResultCache, answer: bytes) -> None:
    await answers.put(QUESTION, answer, lifetime=A_WHILE)
    assert await answers.get(QUESTION) == answer


async def test_the_latest_of_two_answers_is_remembered(answers: ResultCache) -> None:
    await answers.put(QUESTION, b"first", lifetime=A_WHILE)
    await answers.put(QUESTION, b"second", lifetime=A_WHILE)
    assert await answers.get(QUESTION) == b"second"


@pytest.mark.parametrize(
    "other",
    [
        replace(QUESTION, kind="would it change 2"),
        replace(QUESTION, asker="bruno"),
        replace(QUESTION, asker=""),
        replace(QUESTION, depends_on=("model " * 10, "policy", "$10,001")),
        replace(QUESTION, depends_on=("model " * 10, "policy$10,000")),
        replace(QUESTION, depends_on=("model " * 10, "policy", "$10,000", "")),
        replace(QUESTION, depends_on=("policy", "model " * 10, "$10,000")),
    ],
)
async def test_a_question_that_differs_at_all_is_another(answers: ResultCache, other: CacheKey) -> None:
    await answers.put(QUESTION, ANSWER, lifetime=A_WHILE)
    assert await answers.get(other) is None


async def test_answers_are_forgotten_after_their_own_time(answers: ResultCache) -> None:
    brief = replace(QUESTION, kind="brief")
    await asyncio.gather(
        answers.put(brief, ANSWER, lifetime=timedelta(milliseconds=300)),
        answers.put(QUESTION, ANSWER, lifetime=A_WHILE),
    )
    assert await answers.get(brief) == ANSWER
    await asyncio.sleep(0.35)
    assert await answers.get(brief) is None
    assert await answers.get(QUESTION) == ANSWER


async def test_many_who_ask_at_once_each_get_their_own(answers: ResultCache) -> None:
    questions = [replace(QUESTION, asker=f"person {number}") for number in range(100)]
    await asyncio.gather(
        *(answers.put(one, one.asker.encode(), lifetime=A_WHILE) for one in questions),
    )
    assert await asyncio.gather(*(answers.get(one) for one in questions)) == [
        one.asker.encode() for one in questions
    ]
