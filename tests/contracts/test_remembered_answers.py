"""What everything that remembers answers promises."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.caching.opened_when_asked import OpenedWhenAsked
from adapters.caching.redis_remembered_answers import RedisRememberedAnswers
from adapters.memory.answers import MemoryRememberedAnswers
from application.ports.remembered_answers import Question, RememberedAnswers

A_WHILE = timedelta(minutes=1)
QUESTION = Question("would it change 1", ("model " * 10, "policy", "$10,000"), asker="anna")
ANSWER = b"\x00\xff an answer\r\n, any bytes at all" * 1000


class Settled(RememberedAnswers):
    """Has kept what it was given by the time `put` returns."""

    def __init__(self, answers: RememberedAnswers, far: RedisRememberedAnswers) -> None:
        self._answers = answers
        self._far = far

    async def get(self, question: Question) -> bytes | None:
        return await self._answers.get(question)

    async def put(self, question: Question, answer: bytes, *, lifetime: timedelta) -> None:
        await self._answers.put(question, answer, lifetime=lifetime)
        await self._far.drained()


@pytest.fixture(params=["memory", "redis", "redis, opened when asked"])
async def answers(request: pytest.FixtureRequest) -> AsyncIterator[RememberedAnswers]:
    if request.param == "memory":
        yield MemoryRememberedAnswers()
        return
    far = RedisRememberedAnswers(request.getfixturevalue("valkey_url"), patience=timedelta(seconds=5))
    if request.param == "redis":
        yield Settled(far, far)
    else:
        late = OpenedWhenAsked(lambda: far)
        assert await late.get(QUESTION) is None
        await late.opened()
        yield Settled(late, far)
    await far.aclose()


async def test_what_was_never_answered_is_not_remembered(answers: RememberedAnswers) -> None:
    assert await answers.get(QUESTION) is None


@pytest.mark.parametrize("answer", [ANSWER, b""])
async def test_an_answer_comes_back_byte_for_byte(answers: RememberedAnswers, answer: bytes) -> None:
    await answers.put(QUESTION, answer, lifetime=A_WHILE)
    assert await answers.get(QUESTION) == answer


async def test_the_latest_of_two_answers_is_remembered(answers: RememberedAnswers) -> None:
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
async def test_a_question_that_differs_at_all_is_another(answers: RememberedAnswers, other: Question) -> None:
    await answers.put(QUESTION, ANSWER, lifetime=A_WHILE)
    assert await answers.get(other) is None


async def test_answers_are_forgotten_after_their_own_time(answers: RememberedAnswers) -> None:
    brief = replace(QUESTION, kind="brief")
    await asyncio.gather(
        answers.put(brief, ANSWER, lifetime=timedelta(milliseconds=300)),
        answers.put(QUESTION, ANSWER, lifetime=A_WHILE),
    )
    assert await answers.get(brief) == ANSWER
    await asyncio.sleep(0.35)
    assert await answers.get(brief) is None
    assert await answers.get(QUESTION) == ANSWER


async def test_many_who_ask_at_once_each_get_their_own(answers: RememberedAnswers) -> None:
    questions = [replace(QUESTION, asker=f"person {number}") for number in range(100)]
    await asyncio.gather(
        *(answers.put(one, one.asker.encode(), lifetime=A_WHILE) for one in questions),
    )
    assert await asyncio.gather(*(answers.get(one) for one in questions)) == [
        one.asker.encode() for one in questions
    ]
