"""A running service for tests that ask for `start`, with no more parts than it takes."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from harness.running_service import Service

Start = Callable[..., Service]
API_ALONE = ("ui", "worker")
"""What to start it without where only the API is asked."""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts services on a data folder, with settings, by default the API alone; ends them with the test."""
    started: list[Service] = []

    def begin(data_dir: Path, *, without: Sequence[str] = API_ALONE, **settings: str) -> Service:
        started.append(Service(data_dir, without=without, **settings))
        return started[-1]

    yield begin
    for service in started:
        service.close()
