"""Two replicas of the web interface behind HAProxy: users stay logged in when their replica is killed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from harness.polling import eventually
from replicas.behind_haproxy import AUTHORITY, HAPROXY, NO_HAPROXY, OFFICER, PASSWORD, Pair, address_of
from support.engines import drop_database, fresh_database
from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, postgres_url: str, valkey_server_url: str) -> Iterator[Pair]:
    """Two replicas of the web interface behind HAProxy, without the API."""
    if HAPROXY is None:
        pytest.skip(NO_HAPROXY)
    url = fresh_database(postgres_url)
    pair = Pair(tmp_path_factory.mktemp("pages"), url, valkey_server_url)
    pair.prepare()
    with ExitStack() as stack:
        with ThreadPoolExecutor() as threads:
            for started in [threads.submit(page.__enter__) for page in pair.pages.values()]:
                stack.push(started.result())
        stack.enter_context(pair.balancer)
        yield pair
    drop_database(postgres_url, url)


def test_a_browser_returns_to_its_replica_and_stays_logged_in_at_the_other(pages: Pair) -> None:
    with httpx.Client(
        base_url=address_of(pages.web_port), follow_redirects=True, verify=AUTHORITY.trust
    ) as browser:
        browser.post("/login", data={"name": OFFICER, "password": PASSWORD})
        first = browser.cookies["replica"]
        for _ in range(6):
            assert browser.get("/decisions").url.path == "/decisions"
            assert browser.cookies["replica"] == first
        pages.pages[first].kill()
        eventually(lambda: browser.get("/decisions").status_code == 200)
        assert browser.get("/decisions").url.path == "/decisions"
        assert browser.cookies["replica"] != first
        assert browser.get("/metrics").status_code == 404
    pages.pages[first].start()


@pytest.mark.browser
@NEEDS_CHROMIUM
def test_an_open_page_continues_at_the_other_replica(pages: Pair) -> None:
    with chromium() as browser:
        page = browser.new_page(ignore_https_errors=True)
        page.set_default_timeout(15_000)
        page.goto(f"{address_of(pages.web_port)}/decisions")
        page.get_by_label("Username").fill(OFFICER)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Decisions", exact=True).wait_for()
        (at,) = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "replica"]
        with page.expect_navigation(timeout=45_000):  # the page detects it and reloads
            pages.pages[at].kill()
        page.get_by_label("Search").fill("debt")
        page.wait_for_url("**/decisions?text=debt")


def test_cookies_and_browsers_are_restricted_to_https(pages: Pair) -> None:
    form = {"name": "admin", "password": PASSWORD}
    alive = next(page for page in pages.pages.values() if page.process.poll() is None)
    for port in (pages.web_port, alive.port):
        answer = httpx.post(f"{address_of(port)}/login", data=form, verify=AUTHORITY.trust)
        cookie = next(each for each in answer.headers.get_list("set-cookie") if "scoring-session" in each)
        assert cookie.startswith("__Host-scoring-session=")
        assert "; path=/; " in cookie
        assert "; secure" in cookie.lower()
        assert answer.headers.get_list("strict-transport-security") == ["max-age=31536000"]
