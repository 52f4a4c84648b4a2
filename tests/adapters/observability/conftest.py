"""Observability started for a test; receivers that take what it sends."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from support.observing import lines, log, start

__all__ = ["lines", "log", "receiver", "request_through", "start"]


class Receiver:
    """An HTTP server that keeps what is posted to it: path, headers and body."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        posts = self.posts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                posts.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.address = f"127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Any]:
    """A receiver of spans or reports."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def request_through() -> Callable[..., Any]:
    """Send one request to an ASGI application: gives what it sent; `scope` adds to the usual."""

    async def call(app: Any, *, body: bytes = b"", **scope: Any) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        usual: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": [], "state": {}}
        try:
            await app(usual | scope, receive, send)
        finally:
            await asyncio.sleep(0)  # the log's lines leave at the end of a turn
        return sent

    return call
