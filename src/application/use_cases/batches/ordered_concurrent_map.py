"""A concurrent map that preserves order and works ahead of the caller."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


async def ordered_concurrent_map(
    source: AsyncGenerator[Item, None], function: Callable[[Item], Awaitable[Result]], *, max_in_flight: int = 1
) -> AsyncGenerator[Result, None]:
    """Map the items of `source` in order, with at most `max_in_flight` in progress or waiting at a time.

    At the end the source is closed, and calls in progress are awaited and their results dropped.
    """
    lock = asyncio.Lock()  # first come, first served, so that items are read in order

    async def next_result() -> Result | None:
        async with lock:
            item = await anext(source, None)
        return None if item is None else await function(item)

    async with aclosing(source):
        ahead = deque(asyncio.create_task(next_result()) for _ in range(max_in_flight))
        try:
            while (result := await ahead.popleft()) is not None:
                ahead.append(asyncio.create_task(next_result()))
                yield result
        finally:
            await asyncio.gather(*ahead, return_exceptions=True)
