"""Observability for the duration of a test, and a receiver of its exports."""

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import structlog

from adapters.observability.observability import Observability

Start = Callable[..., Observability]


@pytest.fixture
def log() -> io.StringIO:
    """The log of this test."""
    return io.StringIO()


@pytest.fixture
def lines(log: io.StringIO) -> Callable[[], list[dict[str, Any]]]:
    """The log so far, decoded from JSON."""
    return lambda: [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.fixture
def start(log: io.StringIO) -> Iterator[Start]:
    """Start observability that logs JSON to this test's log, and close it at the end."""
    started: list[Observability] = []
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in ("asyncio", "httpcore", "httpx", "urllib3")}

    def begin(**given: Any) -> Observability:
        usual: dict[str, Any] = {"service": "scoring-test", "version": "1.2.3", "log_stream": log}
        observability = Observability.start(**usual | {"log_format": "json"} | given)
        started.append(observability)
        return observability

    yield begin
    for observability in started:
        observability.close()
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, earlier in levels.items():
        logging.getLogger(name).setLevel(earlier)


class Receiver:
    """An HTTP server that stores the requests posted to it: path, headers and body."""

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
                """Log nothing."""

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
    """A receiver of spans or error reports."""
    receiver = Receiver()
    yield receiver
    receiver.close()
