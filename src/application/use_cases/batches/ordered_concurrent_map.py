"""Working ahead, in order: the next items are being made while the caller is busy with the one before them."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


async def ordered_concurrent_map(
    source: AsyncGenerator[Item, None], make: Callable[[Item], Awaitable[Made]], *, max_in_flight: int = 1
) -> AsyncGenerator[Made, None]:
    """Map the items of `source` in order, with at most `max_in_flight` in progress or waiting at a time.

    The source is closed at the end; what is being made then is waited for and dropped.
    """
    turn = asyncio.Lock()  # whoever came first gets it first

    async def made_of_next() -> Made | None:
        async with turn:
            item = await anext(source, None)
        return None if item is None else await make(item)

    async with aclosing(source):
        ahead = deque(asyncio.create_task(made_of_next()) for _ in range(max_in_flight))
        try:
            while (made := await ahead.popleft()) is not None:
                ahead.append(asyncio.create_task(made_of_next()))
                yield made
        finally:
            await asyncio.gather(*ahead, return_exceptions=True)
