"""Clients that send one byte a second, or never read their responses, do not delay others."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from itertools import count
from threading import Event, Thread

import psutil
import pytest

from harness.callers import Callers, prediction_request
from harness.polling import eventually
from harness.running_service import Service
from support.starting import API_ALONE

pytestmark = pytest.mark.timeout(30)
SLOW, DEAF = 50, 20
_ANSWERS_NEVER_READ = 200


@contextmanager
def clients_that_send_slowly(service: Service) -> Iterator[None]:
    request = prediction_request(service, 1_000_000)
    stopping = Event()
    with ExitStack() as stack:
        address = ("127.0.0.1", service.api_port)
        slow = [stack.enter_context(socket.create_connection(address)) for _ in range(SLOW)]
        for place, each in enumerate(slow):
            each.sendall(request[: place * len(request) // SLOW])  # some stop in the head, some in the body

        def trickle() -> None:
            for second in count():
                for place, each in enumerate(slow):
                    at = place * len(request) // SLOW + second
                    with suppress(OSError):  # timed out by the service, or answered and closed
                        each.sendall(request[at : at + 1])
                if stopping.wait(1.0):
                    return

        thread = Thread(target=trickle)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()


@contextmanager
def clients_that_never_read(service: Service) -> Iterator[None]:
    request = b"GET /schema/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(DEAF):
            deaf = stack.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", service.api_port))
            deaf.sendall(request * _ANSWERS_NEVER_READ)
        api = psutil.Process(service.api_process())
        eventually(lambda: api.cpu_percent(0.2) < 20)  # it has sent what they accept, and waits for them
        yield


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with closing(Service(tmp_path_factory.mktemp("service"), without=API_ALONE)) as service:
        yield service


@pytest.mark.parametrize("slowly", [clients_that_send_slowly, clients_that_never_read])
def test_other_clients_are_answered_without_delay(
    service: Service, slowly: Callable[[Service], AbstractContextManager[None]]
) -> None:
    with slowly(service), Callers(service) as callers:
        result = callers.result
        eventually(lambda: len(result.decided) > 2000)
    assert result.refused == []
    assert result.cut == 0
    assert result.p99 < 0.5
    assert result.slowest < 2
