"""Requests without a session: plain pages, no information, no memory use."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import nicegui
import pytest

from security.live_pages import PASSWORD, LivePage, log_in, memory_of, served
from support.real_browser import NEEDS_CHROMIUM, chromium

PUBLIC = {
    "/health/live",
    "/login",
    "/logout",
    "/account",
    "/applicant/{token}",
    "/assets",
    "/_nicegui/static/fonts",
    "/_nicegui/static/fonts.css",
}
"""Routes without a session: health check, log-in, password change, style sheet and fonts."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interface")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder, decisions=1) as address:
        yield address


def test_requests_without_a_session_use_no_memory(address: str, folder: Path):
    with httpx.Client(base_url=address) as visitor:

        def context(times: int) -> None:
            for _ in range(times):
                for path in ("/login", "/", "/nowhere"):
                    assert "set-cookie" not in visitor.get(path).headers
                wrong = visitor.post("/login", content="name=", headers={"Content-Type": "text/plain"})
                assert wrong.status_code == 415

        context(50)
        before = memory_of(address)
        context(300)
        assert memory_of(address) - before < 8 << 20  # with a live page each it was 90 KB a visit
    assert not list((folder / "storage").glob("storage-user-*"))


def test_an_ended_session_creates_no_live_page(address: str):
    with log_in(address, "marta") as client:
        kept = client.cookies["scoring-session"]
        client.post("/logout")
    with httpx.Client(base_url=address, cookies={"scoring-session": kept}) as visitor:
        for path, status in (("/", 303), ("/decisions", 303), ("/nowhere", 404), ("/login", 200)):
            answer = visitor.get(path)
            assert answer.status_code == status
            assert "client_id" not in answer.text


def test_every_route_except_public_ones_needs_a_session(address: str):
    with log_in(address, "rui") as manager:
        page = LivePage(manager, "/batches")
        routes = manager.get("/test/routes").json()
    assert {"/", "/decisions", "/decisions/{decision_id}", "/batches", "/audit", "/overview"} <= set(routes)
    assert any("/upload/" in route for route in routes)
    with httpx.Client(base_url=address) as visitor:
        for route in routes:
            path = re.sub(r"\{[^}]*\}", "x", route)
            reached = visitor.get(path)
            assert reached.status_code in {303, 401, 403, 404}, route
            if reached.status_code == 303:
                assert reached.headers["location"].startswith("/login"), route
            assert "client_id" not in reached.text
            assert visitor.post(path).status_code in {401, 403}, route
        assert visitor.post(page.upload_address()).status_code == 403


def test_public_routes_are_exactly_those_listed(address: str):
    with log_in(address, "marta") as client:
        public = client.get("/test/public").json()
    assert {re.sub(r"^/assets/.*|(?<=_nicegui)/[0-9.]+", _first_part, path) for path in public} == PUBLIC


def _first_part(found: re.Match[str]) -> str:
    return "/assets" if found[0].startswith("/assets") else ""


def test_the_log_in_page_ignores_its_query(address: str):
    forged = "fault=attempts&wait=60&reference=Call-0900-1234&name=Call-0900-1234&title=Call-0900-1234&text=x"
    plain = httpx.get(f"{address}/login").text
    assert httpx.get(f"{address}/login?{forged}&next=//evil.example").text == plain
    assert "Call" not in plain


def test_the_entered_username_is_escaped(address: str):
    typed = '"><script>alert(1)</script>'
    answer = httpx.post(f"{address}/login", data={"name": typed, "password": "x", "next": f"/{typed}"})
    assert answer.status_code == 400
    assert "Incorrect username or password" in answer.text
    assert "<script>alert" not in answer.text
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]


def test_a_proxy_prefix_header_is_ignored(address: str):
    answer = httpx.get(f"{address}/", headers={"X-Forwarded-Prefix": "//evil.example"})
    assert answer.headers["location"] == "/login"
    with log_in(address, "arthur") as client:
        answer = client.get("/", headers={"X-Forwarded-Prefix": "//evil.example"})
        assert answer.headers["location"] == "/decisions"


def test_redirects_ignore_the_host_header(address: str):
    for host in ("evil.example", "evil.example/decisions?x="):
        answer = httpx.get(f"{address}/audit?x=1", headers={"Host": host})
        assert answer.headers["location"] == "/login?next=%2Faudit%3Fx%3D1"
        with log_in(address, "rui") as client:
            for path in ("/decisions/", "/audit/", "/login/"):
                answer = client.get(path, headers={"Host": host})
                assert answer.status_code == 404
                assert "location" not in answer.headers


def test_log_out_deletes_the_cookie(address: str):
    with log_in(address, "marta") as client:
        client.post("/logout")
        assert not client.cookies


def test_cookies_and_origins_require_https_when_configured(tmp_path: Path):
    form = {"name": "marta", "password": PASSWORD}
    with served(tmp_path, secure_cookies=True) as address:
        answer = httpx.post(f"{address}/login", data=form, headers={"Origin": address.replace("http", "https")})
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-scoring-session=")
        assert "domain" not in cookie.lower()
        attributes = {each.strip().lower() for each in cookie.split(";")[1:]}
        assert {"path=/", "secure", "httponly", "samesite=lax"} <= attributes
        assert httpx.post(f"{address}/login", data=form, headers={"Origin": address}).status_code == 403


def test_cookies_and_origins_allow_http_otherwise(address: str):
    answer = httpx.post(f"{address}/login", data={"name": "marta", "password": PASSWORD})
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("scoring-session=")
    assert "secure" not in cookie.lower()


@pytest.mark.browser
@NEEDS_CHROMIUM
@pytest.mark.parametrize("width", [390, 1440])
def test_the_log_in_page_works_under_its_strict_content_policy(address: str, width: int):
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": 844})
        page.set_default_timeout(15_000)
        messages: list[str] = []
        page.on("console", lambda message: messages.append(message.text))
        page.goto(f"{address}/login")
        page.get_by_label("Password", exact=True).fill("secret")
        page.get_by_role("button", name="Show password").click()
        assert page.get_by_label("Password", exact=True).get_attribute("type") == "text"
        page.get_by_role("button", name="Show password").click()
        assert page.get_by_label("Password", exact=True).get_attribute("type") == "password"
        assert page.evaluate("document.fonts.check('24px Material Icons')")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert messages == []


def test_scripts_are_not_served_without_a_session(address: str):
    """Compressing NiceGUI's largest script blocks the event loop for a third of a second."""
    script = f"/_nicegui/{nicegui.__version__}/static/quasar.umd.js"
    with httpx.Client(base_url=address) as visitor, log_in(address, "marta") as client:
        assert visitor.get(script).status_code == 401
        assert client.get(script).status_code == 200
