"""A running service for tests that ask for `start`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.running_service import Service

Start = Callable[..., Service]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts services on a data folder, with settings; ends them with the test."""
    started: list[Service] = []

    def begin(data_dir: Path, **settings: str) -> Service:
        started.append(Service(data_dir, **settings))
        return started[-1]

    yield begin
    for service in started:
        service.close()
