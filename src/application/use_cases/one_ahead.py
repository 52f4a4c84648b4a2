"""Working ahead: the next item is being made while the caller is busy with the one before it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

Item = TypeVar("Item")


async def one_ahead(source: AsyncGenerator[Item, None]) -> AsyncGenerator[Item, None]:
    """The items of the source, which is closed at the end; what is being made then is waited for and dropped."""
    async with aclosing(source):
        ahead = asyncio.create_task(_next(source))
        try:
            while (item := await ahead) is not None:
                ahead = asyncio.create_task(_next(source))
                yield item
        finally:
            await asyncio.gather(ahead, return_exceptions=True)


async def _next(source: AsyncGenerator[Item, None]) -> Item | None:
    return await anext(source, None)
