"""Observability started for a test and put back afterwards."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from adapters.observability.observability import Observability

Start = Callable[..., Observability]


@pytest.fixture
def log() -> io.StringIO:
    """Where the log of this test goes."""
    return io.StringIO()


@pytest.fixture
def lines(log: io.StringIO) -> Callable[[], list[dict[str, Any]]]:
    """The log so far, read as JSON."""
    return lambda: [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.fixture
def start(log: io.StringIO) -> Iterator[Start]:
    """Start observability, logging JSON into this test's log; closed and undone at the end."""
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
