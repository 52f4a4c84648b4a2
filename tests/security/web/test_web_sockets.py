"""Sockets of live pages: only from the same origin, and only in the session that opened the page."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from harness.polling import eventually
from security.live_pages import PASSWORD, SOCKETS, LivePage, Socket, log_in, served
from support.real_browser import NEEDS_CHROMIUM, chromium

RELOAD = "Implicit handshake failed"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interface")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder, decisions=3, log_level="info") as address:
        yield address


@pytest.fixture
def officer(address: str) -> Iterator[httpx.Client]:
    with log_in(address, "marta") as client:
        yield client


@pytest.fixture
def auditor(address: str) -> Iterator[httpx.Client]:
    with log_in(address, "arthur") as client:
        yield client


def websocket(address: str, page: LivePage, cookies: httpx.Cookies | None = None, **headers: str):
    query = urlencode(page.query | {"EIO": "4", "transport": "websocket"})
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return connect(
        f"ws{address.removeprefix('http')}{SOCKETS}?{query}", additional_headers=headers, open_timeout=10
    )


def assess(socket: Socket, page: LivePage) -> str:
    """Use the sample data, submit the form, and return what the page receives."""
    socket.emit("event", page.press("click"))
    socket.emit("event", page.press("submit"))
    return socket.receive_until('"open"')


def test_a_page_accepts_events_from_its_own_socket(officer: httpx.Client):
    page = LivePage(officer, "/")
    socket = Socket(officer, page.query)
    assert socket.connected
    assert "/decisions/" in assess(socket, page)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1"])
def test_another_origin_cannot_open_a_socket_with_the_cookie(officer: httpx.Client, address: str, origin: str):
    page = LivePage(officer, "/")
    answer = officer.get(
        SOCKETS, params=page.query | {"EIO": "4", "transport": "polling"}, headers={"Origin": origin}
    )
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    with pytest.raises(InvalidStatus, match="403"):
        websocket(address, page, officer.cookies, Origin=origin)


def test_a_cross_site_request_without_an_origin_is_rejected(officer: httpx.Client):
    page = LivePage(officer, "/")
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert Socket(officer, page.query, **headers).status == 403


def test_a_forged_host_header_does_not_bypass_the_origin_check(officer: httpx.Client):
    page = LivePage(officer, "/")
    headers = {"Host": "x/login?", "Origin": "http://evil.example"}
    assert Socket(officer, page.query, **headers).status == 403


def test_a_socket_needs_a_session(officer: httpx.Client, address: str):
    page = LivePage(officer, "/")
    with httpx.Client(base_url=address) as client_without_session:
        assert Socket(client_without_session, page.query).status == 401
        forged = {"Cookie": "scoring-session=eyJpZCI6ICJ4In0=.a.b"}
        assert Socket(client_without_session, page.query, **forged).status == 401
    for headers in ({}, {"Origin": address}):
        with pytest.raises(InvalidStatus, match="403"):
            websocket(address, page, **headers)


def test_an_ended_session_cannot_open_a_socket(officer: httpx.Client, address: str):
    page = LivePage(officer, "/")
    kept = httpx.Cookies(officer.cookies)
    officer.post("/logout")
    with httpx.Client(base_url=address, cookies=kept) as client_without_session:
        assert Socket(client_without_session, page.query).status == 401
    with pytest.raises(InvalidStatus, match="403"):
        websocket(address, page, kept)


def test_another_user_cannot_connect_to_a_page(officer: httpx.Client, auditor: httpx.Client, address: str):
    page = LivePage(officer, "/")
    assert RELOAD in Socket(auditor, page.query).greeting
    with websocket(address, page, auditor.cookies) as socket:
        socket.recv(timeout=10)
        socket.send("40")
        assert RELOAD in str(socket.recv(timeout=10))


def test_another_session_of_the_same_user_cannot_connect_to_a_page(officer: httpx.Client, address: str):
    page = LivePage(officer, "/")
    with log_in(address, "marta") as second:
        assert RELOAD in Socket(second, page.query).greeting


def test_a_socket_without_a_page_is_rejected(auditor: httpx.Client):
    assert RELOAD in Socket(auditor, {}).greeting
    assert RELOAD in Socket(auditor, {"client_id": "nothing", "implicit_handshake": "true"}).greeting


@pytest.mark.parametrize("before", [True, False], ids=["before the handshake", "after the handshake"])
def test_another_user_cannot_act_on_a_page_from_their_own_socket(
    officer: httpx.Client, auditor: httpx.Client, *, before: bool
):
    page, own = LivePage(officer, "/"), LivePage(auditor, "/decisions")
    victim = Socket(officer, page.query)
    query = own.query | ({"implicit_handshake": "false"} if before else {})
    attacker = Socket(auditor, query)
    assert attacker.connected
    message = {"client_id": page.id, "tab_id": "tab", "document_id": "document", "next_message_id": 0}
    assert attacker.call("handshake", message) == "431[false]"
    for event in ("click", "submit"):
        attacker.emit("event", page.press(event))
    for event in ("ack", "javascript_response"):
        attacker.emit(event, {"client_id": page.id, "next_message_id": 10**6, "request_id": "x"})
    assert attacker.call("event", page.press("submit")).endswith("431[]")
    assert "/decisions/" in (received := assess(victim, page))
    assert received.count('"open"') == 1


def test_events_before_the_handshake_are_ignored(officer: httpx.Client):
    page = LivePage(officer, "/")
    victim = Socket(officer, page.query)
    second = Socket(officer, page.query | {"implicit_handshake": "false"})
    assert second.connected
    for event in ("click", "submit"):
        second.call("event", page.press(event))
    handshake = {"client_id": page.id, "tab_id": "tab", "document_id": "document", "next_message_id": 0}
    assert "431[true]" in second.call("handshake", handshake)
    assert assess(victim, page).count('"open"') == 1


@pytest.mark.parametrize("message", [None, [], "x", {}, {"client_id": None}, {"client_id": ["x"]}])
def test_events_without_a_page_are_ignored(officer: httpx.Client, message: object):
    page = LivePage(officer, "/")
    socket = Socket(officer, page.query)
    for event in ("event", "ack", "javascript_response"):
        assert socket.call(event, message).endswith("431[]")
    assert "431[false]" in socket.call("handshake", message)


def test_an_engine_session_cannot_be_used_in_another_session(officer: httpx.Client, auditor: httpx.Client):
    socket = Socket(officer, LivePage(officer, "/").query)
    stolen = {"EIO": "4", "transport": "polling", "sid": socket.query["sid"]}
    assert auditor.get(SOCKETS, params=stolen).status_code == 403
    assert auditor.post(SOCKETS, params=stolen, content="41").status_code == 403
    assert socket.emit("ack", {"client_id": "x"}) == 200


def test_browsers_cannot_write_to_the_log(officer: httpx.Client, folder: Path):
    page = LivePage(officer, "/")
    socket = Socket(officer, page.query)
    text = "a line that a browser wrote"
    socket.emit("log", {"client_id": page.id, "level": "error", "message": text})
    socket.call("ack", {"client_id": page.id, "next_message_id": 0})
    assert text not in (folder / "log").read_text()


def test_page_identifiers_are_not_logged(officer: httpx.Client, address: str, folder: Path):
    page = LivePage(officer, "/")
    with websocket(address, page, officer.cookies, Origin=address) as socket:
        socket.recv(timeout=10)
        eventually(lambda: "WebSocket /socket.io/" in (folder / "log").read_text())
    assert page.id not in (folder / "log").read_text()
    assert "client_id" not in (folder / "log").read_text()


def test_log_out_disconnects_the_sockets_of_the_session(officer: httpx.Client, address: str):
    page = LivePage(officer, "/")
    with websocket(address, page, officer.cookies, Origin=address) as socket:
        socket.recv(timeout=10)
        socket.send("40")
        assert str(socket.recv(timeout=10)).startswith("40")
        officer.post("/logout")
        received = [str(socket.recv(timeout=10)) for _ in range(3)]
        assert received == ['42["open",{"path":"/login","new_tab":false}]', "41", "1"]


@pytest.mark.browser
@NEEDS_CHROMIUM
def test_a_browser_reconnects_to_its_page_until_its_session_ends(address: str):
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{address}/")
        page.get_by_label("Username").fill("marta")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        connected = "window.socket?.connected"
        page.wait_for_function(connected)
        page.evaluate("window.before = window.socket.id; window.socket.io.engine.close()")
        page.wait_for_function(f"{connected} && window.socket.id !== window.before")
        page.get_by_role("button", name="Use sample data").click()
        page.get_by_role("button", name="Assess application").click()
        page.get_by_role("heading", name="Score contributions").wait_for()

        page.context.clear_cookies()
        page.evaluate("window.socket.io.engine.close()")
        page.get_by_role("heading", name="Log in").wait_for()


@pytest.mark.browser
@NEEDS_CHROMIUM
def test_log_out_in_one_tab_leads_other_tabs_to_log_in(address: str):
    with chromium() as browser:
        context = browser.new_context()
        first, second = context.new_page(), context.new_page()
        for page in (first, second):
            page.set_default_timeout(15_000)
        first.goto(f"{address}/")
        first.get_by_label("Username").fill("marta")
        first.get_by_label("Password", exact=True).fill(PASSWORD)
        first.keyboard.press("Enter")
        first.get_by_role("heading", name="New application").wait_for()
        second.goto(f"{address}/decisions")
        second.wait_for_function("window.socket?.connected")
        first.get_by_role("button", name="Log out").click()
        second.wait_for_url("**/login?next=%2Fdecisions")
