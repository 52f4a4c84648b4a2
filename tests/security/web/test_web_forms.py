"""Forms and uploads: limits on origin, size, media type, time and ownership."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from entrypoints.ui.http import request_bodies
from entrypoints.ui.http.origins import is_same_origin
from entrypoints.ui.http.request_bodies import LimitedUpload
from security.live_pages import PASSWORD, LivePage, log_in, served

FORM = {"name": "marta", "password": PASSWORD}
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("interface")) as address:
        yield address


def exchange(address: str, head: str, body: bytes = b"") -> bytes:
    """Send raw bytes; returns the response until the server closes the connection."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        received = b""
        while part := connection.recv(65_536):
            received += part
        return received


@pytest.mark.parametrize("path", ["/login", "/logout", "/", "/decisions", "/nowhere"])
def test_a_form_of_another_media_type_is_rejected_before_reading(address: str, path: str):
    answer = httpx.post(address + path, files={"name": ("x", b"y" * 1000)})
    assert answer.status_code == 415
    head = f"POST {path} HTTP/1.1\nHost: x\nContent-Type: multipart/form-data; boundary=x\nContent-Length: 9999999"
    assert b" 415 " in exchange(address, head, b"--x\r\n").splitlines()[0]


@pytest.mark.parametrize("path", ["/login", "/logout", "/decisions"])
def test_a_form_over_16_kib_is_rejected(address: str, path: str):
    head = f"POST {path} HTTP/1.1\nHost: x\nContent-Type: {URLENCODED}\n"
    assert b" 413 " in exchange(address, f"{head}Content-Length: 16385").splitlines()[0]
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    chunked = exchange(address, f"{head}Transfer-Encoding: chunked", chunk + b"1\r\nx\r\n")
    assert b" 413 " in chunked.splitlines()[0]


def test_a_get_request_with_a_large_body_is_rejected(address: str):
    answer = httpx.request("GET", f"{address}/login", content=b"x" * 20_000)
    assert answer.status_code == 415
    answer = httpx.request("GET", f"{address}/login", content=b"x" * 20_000, headers={"Content-Type": URLENCODED})
    assert answer.status_code == 413


def test_a_form_that_does_not_arrive_in_time_is_rejected(address: str):
    head = f"POST /login HTTP/1.1\nHost: x\nContent-Type: {URLENCODED}\nContent-Length: 100"
    answer = exchange(address, head, b"name=marta")
    assert b" 408 " in answer.splitlines()[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_site_cannot_log_a_user_in_or_out(address: str, headers: dict[str, str]):
    answer = httpx.post(f"{address}/login", data=FORM, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    with log_in(address, "marta") as client:
        assert client.post("/logout", headers=headers).status_code == 403
        assert client.get("/").status_code == 200


def test_own_forms_and_clients_without_origin_headers_can_log_in(address: str):
    for headers in ({"Origin": address, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}):
        assert httpx.post(f"{address}/login", data=FORM, headers=headers).status_code == 303


@pytest.mark.parametrize(
    ("host", "origin", "https_only", "same"),
    [
        ("bank.example", "https://bank.example", True, True),
        ("bank.example", "https://bank.example", False, True),
        ("bank.example", "http://bank.example", False, True),
        ("bank.example", "http://bank.example", True, False),
        ("bank.example:443", "https://bank.example", True, True),
        ("bank.example:8443", "https://bank.example:8443", True, True),
        ("bank.example:8443", "https://bank.example", True, False),
        ("Bank.example", "https://bank.example", True, True),
        ("bank.example", "https://bank.example.evil.example", True, False),
        ("bank.example", "https://evil.example?bank.example", True, False),
        ("bank.example", "ftp://bank.example", False, False),
        ("bank.example", "", True, False),
    ],
)
def test_an_origin_must_name_this_host(host: str, origin: str, *, https_only: bool, same: bool):
    headers = Headers({"host": host, "origin": origin})
    assert is_same_origin(headers, https_only=https_only) is same


def test_every_origin_header_must_match():
    both = [(b"host", b"us"), (b"origin", b"https://us"), (b"origin", b"https://evil")]
    assert not is_same_origin(Headers(raw=both), https_only=True)


def upload_head(page: LivePage, length: int, cookie: str = "") -> str:
    head = f"POST {page.upload_address()} HTTP/1.1\nHost: x\nContent-Length: {length}\n"
    head += "Content-Type: multipart/form-data; boundary=x"
    return head + (f"\nCookie: scoring-session={cookie}" if cookie else "")


def test_only_the_owner_of_a_page_can_upload_to_it(address: str):
    with log_in(address, "rui") as manager, log_in(address, "rui") as other:
        page = LivePage(manager, "/batches")
        for foreign_cookie in (other.cookies["scoring-session"], ""):
            answer = exchange(address, upload_head(page, 1000, foreign_cookie), b"--x")
            assert b" 403 " in answer.splitlines()[0]
        file = {"file": ("loans.csv", b"a,b\n1,2\n")}
        assert manager.post(page.upload_address(), files=file).status_code == 200
        assert manager.post(page.upload_address(), files=file, headers={"Origin": "null"}).status_code == 403
        manager.post("/logout")
        assert other.post(page.upload_address(), files=file).status_code == 403


def test_a_file_over_256_mib_is_rejected_before_reading(address: str):
    with log_in(address, "rui") as manager:
        page = LivePage(manager, "/batches")
        cookie = manager.cookies["scoring-session"]
        answer = exchange(address, upload_head(page, 300 << 20, cookie), b"--x")
        assert b" 413 " in answer.splitlines()[0]


def test_a_session_uploads_one_file_at_a_time(address: str):
    host, port = address.removeprefix("http://").split(":")
    with log_in(address, "rui") as manager, socket.create_connection((host, int(port)), timeout=20) as first:
        page = LivePage(manager, "/batches")
        head = upload_head(page, 1000, manager.cookies["scoring-session"]) + "\nExpect: 100-continue"
        first.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        assert b" 100 " in first.recv(100)  # it is being read
        answer = manager.post(page.upload_address(), files={"file": ("loans.csv", b"a,b\n")})
        assert answer.status_code == 429
        assert "Another upload is in progress" in answer.text


def test_an_upload_exceeding_256_mib_is_ended_and_another_can_follow(address: str):
    host, port = address.removeprefix("http://").split(":")
    with log_in(address, "rui") as manager, socket.create_connection((host, int(port)), timeout=60) as endless:
        page = LivePage(manager, "/batches")
        head = upload_head(page, 0, manager.cookies["scoring-session"])
        head = head.replace("Content-Length: 0", "Transfer-Encoding: chunked")
        part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\n'
        endless.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n%x\r\n%s\r\n" % (len(part), part))
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 400:
                endless.sendall(b"100000\r\n" + b"x" * (1 << 20) + b"\r\n")
                sent += 1
        assert 256 <= sent < 300  # some of it is still on its way when the server closes
        with contextlib.suppress(ConnectionError):
            assert b" 413 " in endless.recv(1000).splitlines()[0]
        file = {"file": ("loans.csv", b"a,b\n1,2\n")}
        assert manager.post(page.upload_address(), files=file).status_code == 200


async def test_an_upload_without_a_length_is_limited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(request_bodies, "MAX_UPLOAD_BYTES", 1_000_000)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    upload = LimitedUpload(Headers(), receive)
    for _ in range(10):
        await upload.receive()
    with pytest.raises(HTTPException) as refused:
        await upload.receive()
    assert refused.value.status_code == 413


async def test_an_upload_below_the_minimum_rate_is_rejected(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(request_bodies, "_UPLOAD_GRACE_SECONDS", 0.05)

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    upload = LimitedUpload(Headers(), receive)
    with pytest.raises(HTTPException) as refused:
        await upload.receive()
    assert refused.value.status_code == 408


def test_an_interrupted_body_is_not_logged_as_a_server_error(tmp_path: Path):
    with served(tmp_path) as address:
        head = f"POST /login HTTP/1.1\nHost: x\nContent-Type: {URLENCODED}\nConnection: close\n"
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall((head + "Content-Length: 100\n\nname=").replace("\n", "\r\n").encode())
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1000)
        assert httpx.get(f"{address}/login").status_code == 200
    assert "Exception in ASGI application" not in (tmp_path / "log").read_text()
