"""Log-in, sessions and log-out."""

import asyncio
import re
from datetime import timedelta

import pytest
from nicegui import ui
from ui_lender import UiLender
from ui_person import Person

from domain.access.user import Role
from entrypoints.ui.access.sessions import local_path
from support.builders import an_event


@pytest.mark.parametrize("path", ["/", "/decisions", "/decisions/x", "/audit"])
async def test_every_page_redirects_to_log_in_without_a_session(person: Person, path: str):
    response = await person.browser.get(path)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/login")


async def test_log_in_leads_to_the_requested_page(person: Person):
    sent_away = await person.browser.get("/decisions?outcome=declined")
    assert sent_away.headers["location"] == "/login?next=%2Fdecisions%3Foutcome%3Ddeclined"
    response = await person.log_in(next_page="/decisions?outcome=declined")
    assert response.headers["location"] == "/decisions?outcome=declined"


@pytest.mark.parametrize(("name", "start"), [("marta", "/"), ("arthur", "/decisions")])
async def test_log_in_leads_to_the_first_page_of_the_role(person: Person, name: str, start: str):
    assert (await person.log_in(name)).headers["location"] == start


async def test_wrong_credentials_are_rejected_with_a_message(person: Person):
    response = await person.log_in(password="wrong", next_page="/audit")
    assert response.status_code == 400
    assert "Incorrect username or password" in response.text
    assert 'name="next" value="/audit"' in response.text
    assert 'name="name" value="marta"' in response.text
    assert "wrong" not in response.text
    assert (await person.browser.get("/")).status_code == 303


async def test_too_many_attempts_state_when_to_try_again(person: Person, lender: UiLender):
    for _ in range(10):
        assert (await person.log_in(password="wrong")).status_code == 400
    response = await person.log_in(next_page="/audit")
    assert response.status_code == 429
    assert response.headers["retry-after"] == "90"
    assert "Too many attempts" in response.text
    assert "Try again in 2 minutes." in response.text
    assert 'name="next" value="/audit"' in response.text
    assert (await person.browser.get("/")).status_code == 303
    lender.clock.offset = timedelta(seconds=91)
    assert (await person.log_in(next_page="/audit")).headers["location"] == "/audit"


async def test_a_logged_in_user_skips_the_log_in_page(person: Person):
    await person.log_in()
    assert (await person.browser.get("/login?next=/decisions")).headers["location"] == "/decisions"


@pytest.mark.parametrize("address", ["/batches/nothing", "/nowhere"])
@pytest.mark.parametrize(("name", "start"), [("marta", "/"), ("arthur", "/decisions")])
async def test_an_error_page_links_to_the_first_page_of_the_role(
    person: Person, name: str, start: str, address: str
):
    await person.log_in(name)
    page = (await person.browser.get(address)).text
    for link in ('["brand"]', '"Home"'):
        assert re.findall(re.escape(link) + r'[^{}]*"props":\{[^}]*"href":"([^"]*)"', page) == [start]


async def test_log_out_ends_the_session(person: Person):
    await person.log_in()
    assert (await person.browser.get("/")).status_code == 200
    await person.browser.post("/logout")
    assert (await person.browser.get("/")).status_code == 303


async def test_a_session_ends_after_eight_hours(person: Person, lender: UiLender):
    await person.log_in()
    for minutes in range(20, 480, 20):
        lender.clock.offset = timedelta(minutes=minutes)
        assert (await person.browser.get("/")).status_code == 200
    lender.clock.offset = timedelta(hours=7, minutes=59)
    assert (await person.browser.get("/")).status_code == 200
    lender.clock.offset = timedelta(hours=8, minutes=1)
    assert (await person.browser.get("/")).status_code == 303


async def test_a_session_ends_after_half_an_hour_without_use(person: Person, lender: UiLender):
    await person.log_in()
    for minutes in (29, 58):
        lender.clock.offset = timedelta(minutes=minutes)
        assert (await person.browser.get("/decisions")).status_code == 200
    lender.clock.offset = timedelta(minutes=88)
    assert (await person.browser.get("/decisions")).status_code == 303


async def test_automatic_refresh_does_not_extend_the_session(
    person: Person, lender: UiLender, monkeypatch: pytest.MonkeyPatch
):
    refreshed = asyncio.Event()
    page = lender.batches.page

    async def load(**criteria):
        refreshed.set()
        return await page(**criteria)

    await person.log_in("rui")
    await person.open("/batches")
    lender.clock.offset = timedelta(minutes=29)
    monkeypatch.setattr(lender.batches, "page", load)
    await asyncio.wait_for(refreshed.wait(), 10)
    lender.clock.offset = timedelta(minutes=31)
    assert (await person.browser.get("/decisions")).status_code == 303


async def test_permissions_follow_the_current_role(person: Person, lender: UiLender):
    await person.log_in("arthur")
    assert (await person.browser.get("/audit")).status_code == 200
    await lender.users.change_role("arthur", Role.LOAN_OFFICER, event=an_event())
    assert (await person.browser.get("/audit")).status_code == 303
    await person.log_in("arthur")
    assert (await person.browser.get("/audit")).status_code == 403


async def test_an_ended_session_redirects_an_open_page_to_log_in(person: Person, lender: UiLender):
    await person.log_in()
    await person.open("/decisions")
    await lender.users.renew_generation("marta", event=an_event())
    person.enter(**{"search-text": "moving"})
    with pytest.raises(AssertionError):
        await person.user.should_see("No decisions match", retries=2)
    led_to = await person.browser.get("/decisions", follow_redirects=False)
    assert led_to.headers["location"] == "/login?next=%2Fdecisions"


async def test_a_cookie_from_before_log_in_does_not_open_the_session(person: Person):
    await person.log_in()
    await person.browser.post("/logout")
    await person.browser.get("/login")
    seen = person.browser.cookies["session"]
    await person.log_in()
    person.browser.cookies.clear()
    person.browser.cookies.set("session", seen)
    assert (await person.browser.get("/")).status_code == 303


async def test_an_open_page_leads_to_log_in_after_the_session_expires(
    person: Person, lender: UiLender, monkeypatch: pytest.MonkeyPatch
):
    addresses: list[str] = []
    monkeypatch.setattr(ui.navigate, "to", addresses.append)
    await person.log_in()
    await person.open("/decisions")
    lender.clock.offset = timedelta(hours=9)
    person.enter(**{"search-text": "moving"})
    with pytest.raises(AssertionError):
        await person.user.should_see("No decisions match", retries=2)
    assert addresses[-1] == "/login?next=%2Fdecisions"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\n/evil.example",
        "javascript:x",
        "/logout",
        "",
        None,
    ],
)
def test_log_in_does_not_redirect_to_other_sites(target: str | None):
    assert local_path(target) is None


def test_log_in_can_redirect_to_local_pages():
    assert local_path("/decisions?text=a%20b") == "/decisions?text=a%20b"
