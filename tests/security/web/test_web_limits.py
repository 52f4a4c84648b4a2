"""Limits per user of the web interface: pages, sockets, packets and uploads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from entrypoints.ui.http.page_limits import MAX_PAGES, MAX_SOCKETS
from harness.polling import eventually
from security.live_pages import SOCKETS, LivePage, Socket, log_in, memory_of, served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interface")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder, decisions=1) as address:
        yield address


@pytest.fixture
def manager(address: str) -> Iterator[httpx.Client]:
    with log_in(address, "rui") as client:
        yield client


def is_closed(socket: ClientConnection) -> bool:
    try:
        socket.recv(10)
    except ConnectionClosed:
        return True
    return False


def test_pages_without_a_browser_are_replaced_by_new_ones(address: str, manager: httpx.Client):
    def open_pages(times: int) -> None:
        for _ in range(times):
            assert manager.get("/batches").status_code == 200
            assert manager.get("/nowhere").status_code == 404

    open_pages(MAX_PAGES)
    before = memory_of(address)
    open_pages(5 * MAX_PAGES)
    assert memory_of(address) - before < 16 << 20  # they were 85 KB each
    first = LivePage(manager, "/batches")
    open_pages(MAX_PAGES)
    assert not Socket(manager, first.query).connected


def test_a_page_in_use_stays_when_others_are_opened(manager: httpx.Client):
    page = LivePage(manager, "/batches")
    socket = Socket(manager, page.query)
    for _ in range(MAX_PAGES + 10):
        assert manager.get("/nowhere").status_code == 404
    assert "431" in socket.call("event", page.press())
    assert Socket(manager, page.query).connected


def test_sockets_per_user_are_limited(address: str):
    with log_in(address, "marta") as first, log_in(address, "marta") as second, log_in(address, "rui") as other:
        query = {"EIO": "4", "transport": "polling"}
        statuses = [first.get(SOCKETS, params=query).status_code for _ in range(MAX_SOCKETS + 5)]
        assert statuses == [200] * MAX_SOCKETS + [401] * 5
        assert second.get(SOCKETS, params=query).status_code == 401
        assert other.get(SOCKETS, params=query).status_code == 200


@pytest.mark.parametrize(
    "packet", ['51-["event",{"_placeholder":true,"num":0}]', b"x", "x", '2{"a":1}', "4[", "2["]
)
def test_an_invalid_packet_closes_its_socket(address: str, manager: httpx.Client, packet: str | bytes):
    page = LivePage(manager, "/batches")
    cookies = "; ".join(f"{name}={value}" for name, value in manager.cookies.items())
    query = urlencode(page.query | {"EIO": "4", "transport": "websocket"})
    url = f"ws{address.removeprefix('http')}{SOCKETS}?{query}"
    with connect(url, additional_headers={"Cookie": cookies}, open_timeout=10) as socket:
        socket.recv(10)
        socket.send("40")
        assert str(socket.recv(10)).startswith("40")
        socket.send(packet if isinstance(packet, bytes) else f"4{packet}")
        eventually(lambda: is_closed(socket))


@pytest.mark.parametrize("malformed", [{"args": 5}, {"args": ["{"]}, {"id": []}])
def test_an_invalid_event_closes_its_socket(folder: Path, manager: httpx.Client, malformed: dict[str, object]):
    page = LivePage(manager, "/batches")
    socket = Socket(manager, page.query)
    socket.emit("event", page.press() | malformed)
    eventually(lambda: socket.emit("event", page.press()) == 400)
    assert "never retrieved" not in (folder / "log").read_text()


def test_an_upload_is_limited_to_one_file(folder: Path, manager: httpx.Client):
    upload = LivePage(manager, "/batches").upload_address()
    content = b"a,b\n1,2\n"
    file = ("file", ("loans.csv", content))

    def answer(**body: Any) -> int:
        """The status after the previous upload has finished."""
        statuses = []
        eventually(lambda: statuses.append(manager.post(upload, **body).status_code) or statuses[-1] != 429)
        return statuses[-1]

    assert answer(files=[file, ("another", ("loans.csv", content))]) == 400
    assert answer(files=[file, ("field", (None, b"x"))]) == 400
    assert answer(data={"file": "a,b"}) == 415
    assert answer(files=[file]) == 200
    assert "Exception in ASGI application" not in (folder / "log").read_text()


def test_a_user_uploads_one_file_at_a_time_across_sessions(address: str):
    with log_in(address, "rui") as first, log_in(address, "rui") as second:
        page, other_page = LivePage(first, "/batches"), LivePage(second, "/batches")

        def slow() -> Iterator[bytes]:
            yield b"--x\r\n"
            answer = second.post(other_page.upload_address(), files={"file": ("loans.csv", b"a,b\n")})
            assert answer.status_code == 429
            yield b'Content-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\na,b\n1,2\n\r\n--x--\r\n'

        headers = {"Content-Type": "multipart/form-data; boundary=x", "Expect": "100-continue"}
        assert first.post(page.upload_address(), content=slow(), headers=headers).status_code == 200
