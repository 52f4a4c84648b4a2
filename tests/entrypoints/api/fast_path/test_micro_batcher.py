"""Turns: parties of those who come together, two at a time, and nobody is left behind."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from entrypoints.api.fast_path.micro_batcher import MicroBatcher


class Counter:
    """Serves parties, each until it is told that it is done."""

    def __init__(self) -> None:
        self.turns: MicroBatcher[int] = MicroBatcher(self._serve)
        self.parties: list[list[int]] = []
        self._done = asyncio.Event()

    async def _serve(self, party: Sequence[int]) -> None:
        self.parties.append(list(party))
        await self._done.wait()

    def come(self, *people: int) -> None:
        for one in people:
            self.turns.wait(one)

    async def done(self) -> None:
        """All parties there are were served."""
        self._done.set()
        await rounds(3)
        self._done.clear()


async def rounds(many: int) -> None:
    """Let the event loop go round."""
    for _ in range(many):
        await asyncio.sleep(0)


@pytest.fixture
async def counter() -> Counter:
    return Counter()


async def test_one_who_comes_is_served_at_once(counter: Counter) -> None:
    counter.come(1)
    await rounds(4)
    assert counter.parties == [[1]]


async def test_a_few_who_come_together_are_served_together(counter: Counter) -> None:
    counter.come(1, 2, 3)
    await rounds(4)
    assert counter.parties == [[1, 2, 3]]


async def test_who_comes_just_behind_comes_along(counter: Counter) -> None:
    counter.come(1)
    await rounds(1)
    counter.come(2)
    await rounds(4)
    assert counter.parties == [[1, 2]]


async def test_many_go_in_two_parties_without_waiting_for_each_other(counter: Counter) -> None:
    counter.come(*range(20))
    await rounds(8)
    assert counter.parties == [list(range(10)), list(range(10, 20))]


async def test_unequal_parties_become_equal(counter: Counter) -> None:
    counter.come(1, 2)
    await rounds(4)
    counter.come(*range(3, 17))  # fourteen, while two are served
    await rounds(4)
    assert [len(party) for party in counter.parties] == [2, 8]
    counter.come(17, 18)
    await rounds(8)
    assert [len(party) for party in counter.parties] == [2, 8, 8]


async def test_while_others_are_served_who_are_coming_are_gathered(counter: Counter) -> None:
    counter.come(*range(8))
    await rounds(8)
    assert [len(party) for party in counter.parties] == [4, 4]
    for one in range(8, 16):  # one by one, as they are answered elsewhere
        counter.come(one)
        await rounds(1)
    await rounds(4)
    assert counter.parties[2:] == [list(range(8, 16))]


async def test_nobody_waits_for_those_who_might_come(counter: Counter) -> None:
    counter.come(*range(4))
    await rounds(4)
    counter.come(4)
    await rounds(6)
    assert counter.parties == [[0, 1, 2, 3], [4]]


async def test_who_is_served_alone_waits_for_nobody_and_counts_for_no_party(counter: Counter) -> None:
    for one in range(12):
        counter.turns.serve_alone(one)
    counter.come(*range(12, 22))
    await rounds(8)
    assert counter.parties == [*([one] for one in range(12)), list(range(12, 17)), list(range(17, 22))]


@pytest.mark.parametrize("seed", range(20))
async def test_everybody_is_served_once_and_in_order(counter: Counter, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - what comes up can be had again
    came = 0
    while came < 200:
        many = chance.randrange(12)
        counter.come(*range(came, came + many))
        came += many
        await rounds(chance.randrange(5))
        if chance.random() < 0.3:
            await counter.done()
    await rounds(20)
    assert [one for party in counter.parties for one in party] == list(range(came))
