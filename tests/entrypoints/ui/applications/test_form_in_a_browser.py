"""The application form by keyboard in a real browser: errors, review, copies, and what survives interruptions."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from ui_lender import PASSWORD
from ui_service import served

from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

TYPED = ("52000", "6 y", "mort", "9000", "36", "debt", "705", "", "18.5", "35", "1", "0", "0")
OTHER_REFERENCES = ("C-7", "", "branch")
"""One entry per field, as a loan officer types them; the high end of the range is filled in."""
NUMBERS = count(1)
PARTS_OF_A_DATE = 4
"""Month, day, year, and the button that opens the calendar."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("interface")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(15_000)
        yield context


def log_in(page: Page, name: str = "marta") -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")


def form(page: Page, address: str) -> Page:
    page.goto(f"{address}/")
    log_in(page)
    income = page.get_by_label("Annual income", exact=True)
    expect(income).to_be_focused()
    return page


def type_application(page: Page, **instead: str) -> None:
    """Type an application from the first field on, with nothing but the keyboard."""
    reference = f"LN-{next(NUMBERS)}"  # of another application, since its content may differ
    for place, text in enumerate((*TYPED, reference, *OTHER_REFERENCES)):
        page.keyboard.type(instead.get(f"field_{place}", text))
        page.keyboard.press("Tab")
    expect(page.get_by_label("Bureau data (optional)")).to_be_focused()
    for _ in range(1 + PARTS_OF_A_DATE):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Assess application")).to_be_focused()


def test_an_application_is_typed_from_the_first_field_to_the_button(context: BrowserContext, address: str):
    page = form(context.new_page(), address)
    type_application(page)
    chosen = [box.evaluate("it => it.selectedOptions[0].text") for box in page.locator("select").all()]
    assert chosen == ["6 years", "Mortgage", "36 months", "Debt consolidation", "Not stated"]
    expect(page.get_by_label("FICO score (high)")).to_have_value("709")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decisions/*")
    expect(page.locator(".outcome-request")).to_have_text("$9,000 over 36 months · Debt consolidation")


def test_a_field_is_checked_when_it_is_left_and_again_on_correction(context: BrowserContext, address: str):
    page = form(context.new_page(), address)
    income = page.get_by_label("Annual income", exact=True)
    message = page.get_by_text("Enter a number from 0 to 100,000,000", exact=True)
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("fifty")
    expect(message).to_be_hidden()  # not before it is left
    page.keyboard.press("Tab")
    expect(message).to_be_visible()
    expect(page.get_by_text("Required", exact=True)).to_be_hidden()
    income.fill("50000")
    expect(message).to_be_hidden()
    income.fill("")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Required", exact=True)).to_be_visible()
    income.fill("50000")
    expect(page.get_by_text("Required", exact=True)).to_be_hidden()
    page.get_by_label("FICO score (low)").fill("700")
    page.get_by_label("FICO score (high)").fill("690")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Must be at least the low score", exact=True)).to_be_visible()
    page.get_by_label("FICO score (low)").fill("680")  # corrects the other field
    expect(page.get_by_text("Must be at least the low score", exact=True)).to_be_hidden()


def test_the_summary_names_every_error_and_leads_to_its_field(context: BrowserContext, address: str):
    page = form(context.new_page(), address)
    page.keyboard.type("50000")
    page.keyboard.press("Enter")
    summary = page.locator(".form-message")
    expect(summary).to_contain_text("Please correct 10 fields")
    expect(summary.locator("li")).to_have_count(10)
    expect(page.get_by_label("Length of employment")).to_be_focused()
    summary.get_by_role("link", name="Debt-to-income ratio").press("Enter")
    expect(page.get_by_label("Debt-to-income ratio")).to_be_focused()
    page.keyboard.type("18")
    expect(summary.locator("li")).to_have_count(9)


def test_questionable_values_are_confirmed_or_corrected(context: BrowserContext, address: str):
    page = form(context.new_page(), address)
    type_application(page, field_0="62", field_8="0.185")
    page.keyboard.press("Enter")
    review = page.get_by_role("dialog", name="Please check these values")
    expect(review).to_contain_text("Annual income: $62")
    expect(review).to_contain_text("Is this a fraction?")
    page.keyboard.press("Enter")  # pressed twice by mistake
    page.keyboard.press("Escape")
    expect(review).to_be_hidden()
    expect(page.get_by_label("Annual income", exact=True)).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("62000")
    page.keyboard.press("Enter")
    expect(review).to_contain_text("Debt-to-income ratio: 0.18")
    expect(review).not_to_contain_text("Annual income")
    review.get_by_role("button", name="Confirm and assess").click()
    page.wait_for_url("**/decisions/*")
    expect(page.locator(".application-groups")).to_contain_text("0.18")


def test_a_decision_is_copied_to_a_new_application(context: BrowserContext, address: str):
    page = form(context.new_page(), address)
    type_application(page, field_3="8000")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decisions/*")
    decision = page.url
    page.get_by_role("link", name="Copy to new application").click()
    page.get_by_text("Copied from an earlier application").wait_for()
    expect(page.get_by_label("Requested amount")).to_have_value("8,000")
    expect(page.get_by_label("Home ownership")).to_have_value("MORTGAGE")
    expect(page.get_by_label("Application reference")).to_have_value("")  # the new one has its own
    expect(page.get_by_label("Applicant reference")).to_have_value("C-7")
    page.get_by_label("Requested amount").fill("7000")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/decisions/" in url and url != decision)
    expect(page.locator(".outcome-request")).to_contain_text("$7,000")


def test_an_ended_session_loses_nothing_and_shows_nothing_to_others(context: BrowserContext, address: str):
    page = form(context.new_page(), address)
    type_application(page, field_0="61,234")
    assert "61,234" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    other_tab = context.new_page()
    other_tab.goto(f"{address}/decisions")
    other_tab.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    log_in(page)
    page.get_by_text("Your entries were restored").wait_for()
    expect(page.get_by_label("Annual income", exact=True)).to_have_value("61,234")
    expect(page.get_by_label("Home ownership")).to_have_value("MORTGAGE")
    expect(page.get_by_label("FICO score (high)")).to_have_value("709")

    draft = page.evaluate("sessionStorage['application-draft:/']")
    page.get_by_role("button", name="Log out").click()
    log_in(page, "olga")
    expect(page.get_by_label("Annual income", exact=True)).to_have_value("")
    expect(page.get_by_text("Your entries were restored")).to_be_hidden()
    page.wait_for_function("draft => sessionStorage['application-draft:/'] !== draft", arg=draft)  # of marta


def test_a_restart_loses_nothing_that_is_typed_meanwhile(context: BrowserContext, tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with ExitStack() as first:
        address = first.enter_context(served(tmp_path, port=port))
        page = form(context.new_page(), address)
        page.get_by_label("Debt-to-income ratio").fill("17.25")
        first.close()
        page.get_by_label("Annual income", exact=True).fill("58,000")
    with served(tmp_path, port=port):
        page.get_by_role("heading", name="Log in").wait_for()
        log_in(page)
        page.get_by_text("Your entries were restored").wait_for()
        expect(page.get_by_label("Debt-to-income ratio")).to_have_value("17.25")
        expect(page.get_by_label("Annual income", exact=True)).to_have_value("58,000")
        page.get_by_role("button", name="Clear form").click()
        expect(page.get_by_label("Annual income", exact=True)).to_have_value("")
        page.reload()
        expect(page.get_by_label("Annual income", exact=True)).to_be_focused()
        expect(page.get_by_text(re.compile("restored"))).to_be_hidden()
