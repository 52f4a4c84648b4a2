"""The API on a real server: bodies that are large, slow or incomplete."""

import json
import socket
import threading
import time

import httpx
import pytest
import uvicorn

from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from entrypoints.api.app import create_app

GOOD = json.dumps(EXAMPLE).encode()


@pytest.fixture
def address(service):
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(service.use_cases(), version="1"), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    yield listening.getsockname()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def client(service, address):
    headers = service.as_(Role.SERVICE) | {"Content-Type": "application/json"}
    with httpx.Client(base_url=f"http://127.0.0.1:{address[1]}", headers=headers, timeout=20) as client:
        yield client


def test_ten_megabytes_get_413_with_the_limit_and_the_server_continues(client):
    refused = client.post("/api/v1/predictions", content=b" " * 10_000_000)
    assert refused.status_code == 413
    assert "65,536" in refused.json()["detail"]
    assert client.post("/api/v1/predictions", content=GOOD).status_code == 200


def test_ten_megabytes_in_chunks_get_413(client):
    refused = client.post("/api/v1/predictions", content=(b" " * 10_000 for _ in range(1000)))
    assert refused.status_code == 413
    assert client.post("/api/v1/predictions", content=GOOD).status_code == 200


def test_a_slow_chunked_body_gets_a_decision(client):
    def slowly():
        for start in range(0, len(GOOD), 60):
            time.sleep(0.05)
            yield GOOD[start : start + 60]

    assert client.post("/api/v1/predictions", content=slowly()).status_code == 200


def test_a_closed_connection_does_not_affect_the_server(service, address, client):
    token = service.as_(Role.SERVICE)["Authorization"]
    head = (
        f"POST /api/v1/predictions HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Type: application/json"
    )
    with socket.create_connection(address) as caller:
        caller.sendall(f"{head}\r\nContent-Length: 500\r\n\r\n{{".encode())
        time.sleep(0.2)
    assert client.post("/api/v1/predictions", content=GOOD).status_code == 200


def test_responses_on_one_connection_belong_to_their_requests(client):
    for body, status in [(GOOD, 200), (b"{", 400), (GOOD, 200), (b"{}", 422), (GOOD, 200)]:
        assert client.post("/api/v1/predictions", content=body).status_code == status
