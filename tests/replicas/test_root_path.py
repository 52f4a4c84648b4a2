"""The API and the web interface under a path, behind HAProxy that removes the path or leaves it."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from credit_scoring_client import Client
from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE
from harness.browser import assess, chromium, log_in
from harness.people import PASSWORD
from harness.polling import eventually
from harness.running_service import Service, free_ports
from replicas.behind_haproxy import HAPROXY, NO_HAPROXY, is_ready
from support.real_browser import NEEDS_CHROMIUM

pytestmark = [pytest.mark.timeout(120), pytest.mark.skipif(HAPROXY is None, reason=NO_HAPROXY)]

ROOT = "/lending/scoring"
_CONFIGURATION = """
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout tunnel 30s

frontend removed
    bind 127.0.0.1:{removed}
    http-request deny deny_status 421 unless {{ path_beg {root}/ }} or {{ path {root} }}
    http-request replace-path ^{root}/?(.*)$ /\\1
    use_backend api if {{ path_beg /api/ /docs/ /schema /health/ }} or {{ path /docs }}
    default_backend web

frontend left
    bind 127.0.0.1:{left}
    http-request deny deny_status 421 unless {{ path_beg {root}/ }} or {{ path {root} }}
    use_backend api if {{ path_beg {root}/api/ {root}/docs {root}/schema {root}/health/ }}
    default_backend web

backend api
    server one 127.0.0.1:{api}

backend web
    server one 127.0.0.1:{web}
"""
_ADDRESSES = """
[...document.querySelectorAll('[href],[src],[action]')].map(
    element => element.href?.baseVal ?? element.href ?? element.src ?? element.action)
"""


class Proxied(NamedTuple):
    """A service behind a proxy that removes the path, and one that leaves it."""

    service: Service
    removed: str
    left: str


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder: Path = tmp_path_factory.mktemp("root-path")
    removed, left = free_ports(2)
    with ExitStack() as stack:
        service = Service(folder / "data", without=("worker",), SCORING_ROOT_PATH=f"{ROOT}/")
        stack.callback(service.close)
        service.add_user("olga", Role.LOAN_OFFICER)
        configuration = folder / "haproxy.cfg"
        configuration.write_text(
            _CONFIGURATION.format(removed=removed, left=left, root=ROOT, api=service.api_port, web=service.ui_port)
        )
        proxy = stack.enter_context(subprocess.Popen([HAPROXY or "haproxy", "-f", str(configuration)]))
        stack.callback(proxy.terminate)
        eventually(lambda: is_ready(left, f"{ROOT}/health/ready") and is_ready(removed, f"{ROOT}/health/ready"))
        yield Proxied(service, f"http://127.0.0.1:{removed}{ROOT}", f"http://127.0.0.1:{left}{ROOT}")


@pytest.fixture(params=["removed", "left"])
def address(request: pytest.FixtureRequest, proxied: Proxied) -> str:
    found: str = getattr(proxied, request.param)
    return found


@NEEDS_CHROMIUM
def test_an_officer_assesses_an_application(proxied: Proxied, address: str) -> None:
    answers: list[tuple[str, int]] = []
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(15_000)
        page.on("response", lambda response: answers.append((response.url, response.status)))
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        log_in(page, address, "olga", PASSWORD)
        assess(page)
        assert page.url.startswith(f"{address}/decisions/")
        page.get_by_role("link", name="Decisions", exact=True).click()
        page.locator("table.list-table tbody tr").first.click()
        page.wait_for_selector(".outcome-panel")
        page.locator("a.brand").click()
        page.wait_for_selector("form.application")
        page.goto(f"{address}/nothing")
        addresses = page.evaluate(_ADDRESSES)
        page.get_by_role("button", name="Log out").click()
        page.wait_for_selector("input[name=password]")
        assert page.url.startswith(f"{address}/login")
        page.goto(f"{address}/decisions")
        assert page.url.startswith(f"{address}/login?next=%2Fdecisions")
    own = [url for url in (*addresses, *sockets, *(url for url, _ in answers)) if urlsplit(url).netloc]
    assert len(own) > 50
    assert [url for url in own if not urlsplit(url).path.startswith(ROOT)] == []
    assert {(url, status) for url, status in answers if status >= 400} == {(f"{address}/nothing", 404)}
    assert sockets


@NEEDS_CHROMIUM
def test_the_documentation_is_shown(address: str) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{address}/docs")
        page.get_by_text("POST").first.wait_for()
        assert page.locator(".servers option").all_inner_texts() == [ROOT]


def test_addresses_in_responses_of_the_api_are_complete(proxied: Proxied, address: str) -> None:
    name, _, value = proxied.service.authorization.partition(": ")
    with httpx.Client(base_url=address, headers={name: value}) as api:
        document = api.get("/schema/openapi.json").json()
        assert document["servers"] == [{"url": ROOT}]
        token_url = document["components"]["securitySchemes"]["token"]["flows"]["password"]["tokenUrl"]
        assert token_url == f"{ROOT}/api/v1/auth/token"
        for _ in range(2):
            assert api.post("/api/v1/predictions", json=EXAMPLE).status_code == 200
        page = api.get("/api/v1/decisions", params={"limit": 1})
        following = page.links["next"]["url"]
        assert following.startswith(f"{ROOT}/api/v1/decisions?")
        lines = ",".join(EXAMPLE) + "\n" + ",".join(str(value) for value in EXAMPLE.values())
        batch = api.post("/api/v1/batches", content=lines, headers={"Content-Type": "text/csv"})
        assert batch.headers["location"].startswith(f"{ROOT}/api/v1/batches/")
        assert api.get(f"{address.removesuffix(ROOT)}{batch.headers['location']}").status_code == 200


def test_the_python_client_calls_the_api_under_the_path(proxied: Proxied, address: str) -> None:
    with Client(address, token=proxied.service.authorization.rpartition(" ")[2]) as client:
        decided = client.predict(EXAMPLE)
        assert client.read_decision(decided.request_id).prediction == decided.prediction


def test_a_client_cannot_choose_the_path(proxied: Proxied) -> None:
    """Straight to the server, without a proxy."""
    page = httpx.get(
        f"http://127.0.0.1:{proxied.service.ui_port}/login", headers={"X-Forwarded-Prefix": "/elsewhere"}
    )
    assert "/elsewhere" not in page.text
    assert f'action="{ROOT}/login"' in page.text
    moved = httpx.get(f"http://127.0.0.1:{proxied.service.ui_port}{ROOT}//decisions")
    assert moved.status_code == 404
