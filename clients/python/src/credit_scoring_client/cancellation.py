"""Requests that can be cancelled without losing their connection."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import anyio
import httpx


async def cancelled_cleanly(sending: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    """Return the response, in a task of its own that is cancelled by AnyIO.

    httpx protects the return of a connection to its pool from AnyIO's cancellation only. After a hundred cancelled
    requests of asyncio at the wrong moment, the pool would have no connection left.
    """
    scope = anyio.CancelScope()

    async def send() -> httpx.Response | None:
        with scope:
            return await sending
        return None

    task = asyncio.create_task(send())
    try:
        response = await asyncio.shield(task)
    except asyncio.CancelledError:
        scope.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is None and (late := task.result()) is not None:
            await late.aclose()
        raise
    assert response is not None  # noqa: S101 - for the type checker: only a cancelled scope returns None
    return response
