"""Observability started for a test."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from support.observing import lines, log, receiver, start

__all__ = ["lines", "log", "receiver", "request_through", "start"]


@pytest.fixture
def request_through() -> Callable[..., Any]:
    """Send one request to an ASGI application and return its messages; keyword arguments extend the scope."""

    async def call(app: Any, *, body: bytes = b"", **scope: Any) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        default: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": [], "state": {}}
        try:
            await app(default | scope, receive, send)
        finally:
            await asyncio.sleep(0)  # the log's lines leave at the end of a turn
        return sent

    return call
