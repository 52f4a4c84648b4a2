"""Slow uploads of one caller use only that caller's quota."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from harness.polling import eventually
from harness.running_service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("uploads") / "data", without=("ui", "worker"))
    yield running
    running.close()


def head(service: Service, length: int) -> bytes:
    lines = (
        "POST /api/v1/batches HTTP/1.1",
        f"Host: 127.0.0.1:{service.api_port}",
        service.authorization,
        "Content-Type: text/csv",
        f"Content-Length: {length}",
        "Connection: close",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def answer(connection: socket.socket) -> tuple[int, dict[str, str], dict[str, object]]:
    text = b""
    while piece := connection.recv(65536):
        text += piece
    beginning, _, body = text.partition(b"\r\n\r\n")
    first, *lines = beginning.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return int(first.split()[1]), headers, json.loads(body)


def test_a_callers_third_concurrent_upload_gets_retry_after(
    service: Service,
) -> None:
    def connect() -> socket.socket:
        return socket.create_connection(("127.0.0.1", service.api_port), timeout=10)

    def submit_file() -> int:
        with connect() as connection:
            connection.sendall(head(service, 4) + b"a,b\n")
            status, headers, response = answer(connection)
        if status == 429:
            assert int(headers["retry-after"]) > 0
            assert str(response["type"]).endswith(":batch-quota-exceeded")
            assert "uploads in progress" in str(response["detail"])
        return status

    with ExitStack() as slow_upload:
        assert submit_file() == 202
        for _ in range(2):
            slow = slow_upload.enter_context(connect())
            slow.sendall(head(service, 1 << 20) + b"a,b\n")
        eventually(lambda: submit_file() == 429)
        assert [submit_file() for _ in range(3)] == [429] * 3
    eventually(lambda: submit_file() == 202)
