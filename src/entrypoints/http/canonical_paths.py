"""Canonical paths: every other spelling of a path gets 404, so that it cannot evade a rule of a proxy in front.

Frameworks and proxies disagree on double slashes, dot segments, needless percent-encoding and trailing slashes. A
proxy that blocks `/internal` would pass `//internal` on to a server that routes both alike.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]

_OTHER_SPELLING = re.compile(
    rb"//"  # an empty segment
    rb"|/\.\.?(?:/|$)"  # a dot segment
    rb"|.+/$"  # a slash at the end
    rb"|[;\\]"  # parameters of a segment, and what some servers treat as a slash
    rb"|%(?:2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])"  # characters that need no encoding
    rb"|%(?:[01].|2F|5C|7F)"  # control characters and slashes
    rb"|%(?![0-9A-F]{2})"  # invalid encoding
    rb"|^[^/]",
    re.IGNORECASE,
)
SOCKET = b"/_nicegui_ws/socket.io/"
"""The only route that ends with a slash: NiceGUI's scripts call it by this path."""


def is_canonical(raw_path: bytes) -> bool:
    """Whether a path, as it was sent, has its only accepted spelling."""
    path = raw_path.partition(b"?")[0]  # Litestar's test client keeps the query
    return _OTHER_SPELLING.search(path) is None or path == SOCKET


def canonical_paths_only(app: AsgiApp, otherwise: AsgiApp) -> AsgiApp:
    """An application that calls `app` for canonical paths and `otherwise` for others."""

    async def dispatch(scope: Any, receive: Any, send: Any) -> None:
        raw_path = scope.get("raw_path")
        if raw_path is None or is_canonical(raw_path):
            await app(scope, receive, send)
        else:
            await otherwise(scope, receive, send)

    return dispatch


async def not_found(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - ASGI's signature
    """Respond with a plain 404."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"Not found\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})
