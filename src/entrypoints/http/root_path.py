"""Serving under a path behind a proxy, such as https://bank.example/scoring/.

Applications see paths without the root path, whether the proxy removes it or not, so that rules on paths hold in
both cases. It comes from a setting: a header such as X-Forwarded-Prefix could be sent by any client.
"""

from typing import Any

from entrypoints.http.canonical_paths import AsgiApp

_ADDRESSES = {b"location": b"/", b"link": b"</"}
"""How the value of each header with an address begins where it is a path of the application."""


def under_root_path(app: AsgiApp, root_path: str) -> AsgiApp:
    """An application whose paths begin with `root_path`, for example "/scoring"; empty changes nothing."""
    if not root_path:
        return app
    root = root_path.encode()

    async def dispatch(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await app(scope, receive, send)
            return

        async def send_with_root(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [_with_root(name, value, root) for name, value in message["headers"]]
            await send(message)

        await app(_without_root(scope, root_path), receive, send_with_root)

    return dispatch


def _without_root(scope: Any, root_path: str) -> Any:
    path = scope["path"]
    if path != root_path and not path.startswith(root_path + "/"):
        return scope
    changed = {**scope, "path": path[len(root_path) :] or "/"}
    if scope.get("raw_path") is not None:
        changed["raw_path"] = scope["raw_path"][len(root_path) :] or b"/"
    return changed


def _with_root(name: bytes, value: bytes, root: bytes) -> tuple[bytes, bytes]:
    begin = _ADDRESSES.get(name.lower())
    if begin is None or not value.startswith(begin) or value.startswith(b"//"):
        return name, value
    bare = value[len(begin) - 1 :]
    return name, value if bare == root or bare.startswith(root + b"/") else begin[:-1] + root + bare
