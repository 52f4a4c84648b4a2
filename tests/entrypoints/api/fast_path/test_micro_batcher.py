"""Micro-batches: concurrent requests share a batch, two batches alternate, and every request is answered."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from entrypoints.api.fast_path.micro_batcher import MicroBatcher


class Batches:
    """Processes batches, each until `finish`."""

    def __init__(self) -> None:
        self.batcher: MicroBatcher[int] = MicroBatcher(self._process)
        self.started: list[list[int]] = []
        self._done = asyncio.Event()

    async def _process(self, batch: Sequence[int]) -> None:
        self.started.append(list(batch))
        await self._done.wait()

    def submit(self, *requests: int) -> None:
        for request in requests:
            self.batcher.submit(request)

    async def finish(self) -> None:
        """Finish all batches."""
        self._done.set()
        await iterations(3)
        self._done.clear()


async def iterations(count: int) -> None:
    """Let the event loop iterate."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
async def batches() -> Batches:
    return Batches()


async def test_a_single_request_is_processed_immediately(batches: Batches) -> None:
    batches.submit(1)
    await iterations(4)
    assert batches.started == [[1]]


async def test_a_few_requests_share_a_batch(batches: Batches) -> None:
    batches.submit(1, 2, 3)
    await iterations(4)
    assert batches.started == [[1, 2, 3]]


async def test_a_request_that_follows_closely_joins_the_batch(batches: Batches) -> None:
    batches.submit(1)
    await iterations(1)
    batches.submit(2)
    await iterations(4)
    assert batches.started == [[1, 2]]


async def test_many_requests_form_two_batches(batches: Batches) -> None:
    batches.submit(*range(20))
    await iterations(8)
    assert batches.started == [list(range(10)), list(range(10, 20))]


async def test_unequal_batches_become_equal(batches: Batches) -> None:
    batches.submit(1, 2)
    await iterations(4)
    batches.submit(*range(3, 17))  # fourteen, while two are in progress
    await iterations(4)
    assert [len(batch) for batch in batches.started] == [2, 8]
    batches.submit(17, 18)
    await iterations(8)
    assert [len(batch) for batch in batches.started] == [2, 8, 8]


async def test_requests_are_gathered_while_others_are_in_progress(batches: Batches) -> None:
    batches.submit(*range(8))
    await iterations(8)
    assert [len(batch) for batch in batches.started] == [4, 4]
    for one in range(8, 16):  # one by one
        batches.submit(one)
        await iterations(1)
    await iterations(4)
    assert batches.started[2:] == [list(range(8, 16))]


async def test_a_request_does_not_wait_for_others_that_might_arrive(batches: Batches) -> None:
    batches.submit(*range(4))
    await iterations(4)
    batches.submit(4)
    await iterations(6)
    assert batches.started == [[0, 1, 2, 3], [4]]


async def test_single_requests_neither_wait_nor_count(batches: Batches) -> None:
    for one in range(12):
        batches.batcher.submit_single(one)
    batches.submit(*range(12, 22))
    await iterations(8)
    assert batches.started == [*([one] for one in range(12)), list(range(12, 17)), list(range(17, 22))]


@pytest.mark.parametrize("seed", range(20))
async def test_every_request_is_processed_once_and_in_order(batches: Batches, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a fixed seed
    submitted = 0
    while submitted < 200:
        count = chance.randrange(12)
        batches.submit(*range(submitted, submitted + count))
        submitted += count
        await iterations(chance.randrange(5))
        if chance.random() < 0.3:
            await batches.finish()
    await iterations(20)
    assert [request for batch in batches.started for request in batch] == list(range(submitted))
