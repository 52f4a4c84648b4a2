"""The concurrent map: results in order, limited concurrency, nothing left running."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from application.use_cases.batches.ordered_concurrent_map import ordered_concurrent_map


async def numbers(count: int, *, fails_at: int | None = None) -> AsyncGenerator[int, None]:
    for number in range(count):
        if number == fails_at:
            raise OSError("broken off")
        yield number


async def serve(made: AsyncGenerator[int, None], served: list[int]) -> None:
    async for number in made:
        served.append(number)


class Calls:
    """Runs calls that finish on command, and counts those in progress or waiting."""

    def __init__(self) -> None:
        self.in_hand = 0
        self.most_in_hand = 0
        self.finished: list[int] = []

    async def later_ones_first(self, number: int) -> int:
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        await asyncio.sleep(0.01 * (3 - number % 4))
        self.finished.append(number)
        return number


@pytest.mark.parametrize("max_in_flight", [1, 2, 4, 9])
async def test_results_are_in_order_and_no_more_than_max_in_flight_are_in_progress(max_in_flight: int) -> None:
    calls, served = Calls(), []
    async for number in ordered_concurrent_map(numbers(12), calls.later_ones_first, max_in_flight=max_in_flight):
        calls.in_hand -= 1
        served.append(number)
        await asyncio.sleep(0.03)
    assert served == list(range(12))
    assert calls.most_in_hand == max_in_flight
    assert (calls.finished == served) == (max_in_flight == 1)


async def test_calls_in_progress_are_awaited_when_the_caller_stops() -> None:
    calls, source = Calls(), numbers(12)
    async with aclosing(ordered_concurrent_map(source, calls.later_ones_first, max_in_flight=4)) as made:
        assert await anext(made) == 0
    assert sorted(calls.finished) == [0, 1, 2, 3, 4]
    assert await anext(source, None) is None


async def test_an_error_is_raised_at_its_position() -> None:
    served: list[int] = []
    with pytest.raises(OSError, match="broken off"):
        await serve(
            ordered_concurrent_map(numbers(12, fails_at=5), Calls().later_ones_first, max_in_flight=4), served
        )
    assert served == [0, 1, 2, 3, 4]


async def test_a_failing_call_ends_the_map_with_nothing_in_progress() -> None:
    async def fail_at_two(number: int) -> int:
        await asyncio.sleep(0.01)
        if number == 2:
            raise ValueError("burnt")
        return number

    before, served = len(asyncio.all_tasks()), list[int]()
    with pytest.raises(ValueError, match="burnt"):
        await serve(ordered_concurrent_map(numbers(12), fail_at_two, max_in_flight=3), served)
    assert served == [0, 1]
    assert len(asyncio.all_tasks()) == before


async def test_an_empty_group_returns_nothing() -> None:
    assert [
        made async for made in ordered_concurrent_map(numbers(0), Calls().later_ones_first, max_in_flight=3)
    ] == []
