"""Ten thousand idle connections do not keep other clients from being answered."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from harness.callers import Callers
from harness.polling import eventually
from support.starting import Start

pytestmark = pytest.mark.timeout(30)
IDLE = 10_000
_SPARE = 500


@pytest.fixture
def many_files() -> Iterator[None]:
    """Raise this process's limit of open files; the service starts with the default limit."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < IDLE + _SPARE:
        pytest.skip(f"a process may open {most} files here, which is too few for {IDLE} connections")
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))


@pytest.mark.usefixtures("many_files")
def test_clients_are_answered_beside_ten_thousand_idle_connections(tmp_path: Path, start: Start) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, most))
    service = start(tmp_path, SCORING_MAX_CONNECTIONS=str(IDLE + _SPARE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (IDLE + _SPARE, most))
    api = psutil.Process(service.api_process())
    with ExitStack() as stack:
        for _ in range(IDLE):
            stack.enter_context(socket.create_connection(("127.0.0.1", service.api_port), timeout=5))
        eventually(lambda: api.num_fds() > IDLE)
        with Callers(service) as callers:
            result = callers.result
            eventually(lambda: len(result.decided) > 1000)
        assert result.refused == []
        assert result.cut == 0
        assert result.p99 < 0.5
    assert service.decide()["success"] is True
