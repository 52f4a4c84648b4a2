"""A running service for tests that use `start`, with the processes they need."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from harness.running_service import Service

Start = Callable[..., Service]
API_ALONE = ("ui", "worker")
"""The processes left out when only the API is needed."""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts services with a data folder and settings, by default only the API; stops them with the test."""
    started: list[Service] = []

    def begin(data_dir: Path, *, without: Sequence[str] = API_ALONE, **settings: str) -> Service:
        started.append(Service(data_dir, without=without, **settings))
        return started[-1]

    yield begin
    for service in started:
        service.close()
