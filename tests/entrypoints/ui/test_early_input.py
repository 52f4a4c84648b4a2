"""What a user types and presses before the page is connected to the service has its effect, in the same order."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect
from ui_lender import PASSWORD
from ui_service import served

from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

KEPT = "sessionStorage['application-draft:/']"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("interface"), decisions=6) as address:
        yield address


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    with browser.new_context(base_url=address, viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(15_000)
        yield context


def log_in(page: Page, name: str) -> None:
    page.goto("/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/login"))


def hold_connection(page: Page) -> Callable[[], object]:
    """Let the page's socket wait, as on a slow line; returns what connects it."""
    waiting: list[WebSocketRoute] = []
    page.route_web_socket("**/_nicegui_ws/**", lambda socket: waiting.append(socket))  # noqa: PLW0108 - Playwright sets an attribute

    def connect() -> None:
        assert len(waiting) == 1
        assert page.evaluate("!window.socket.connected")
        waiting[0].connect_to_server()

    return connect


def income(page: Page) -> Locator:
    return page.get_by_label("Annual income", exact=True)


def keep_draft(page: Page, text: str) -> None:
    """Open the form, and leave it with this income."""
    log_in(page, "marta")
    expect(income(page)).to_be_focused()
    income(page).fill(text)
    page.wait_for_function(f"() => {KEPT}")
    page.wait_for_timeout(600)  # until the draft is kept


@pytest.mark.parametrize("kept", ["", "61,000"], ids=["empty draft", "draft"])
def test_sample_data_is_used_if_its_button_is_pressed_early(context: BrowserContext, kept: str):
    page = context.new_page()
    keep_draft(page, kept)
    connect = hold_connection(page)
    page.reload()
    page.get_by_role("button", name="Use sample data").click()
    connect()
    page.wait_for_function("() => window.socket.connected")
    expect(income(page)).to_have_value("50,000")
    page.wait_for_timeout(1000)  # what arrives late must not change it
    expect(income(page)).to_have_value("50,000")
    expect(page.get_by_label("Requested amount")).to_have_value("10,000")


def test_what_is_pressed_early_follows_what_was_typed_before(context: BrowserContext):
    page = context.new_page()
    log_in(page, "marta")
    connect = hold_connection(page)
    page.reload()
    income(page).click()
    page.keyboard.type("12345")
    page.get_by_role("button", name="Use sample data").click()
    page.get_by_label("Debt-to-income ratio").fill("17.25")
    connect()
    expect(income(page)).to_have_value("50,000")
    page.wait_for_timeout(1000)
    expect(income(page)).to_have_value("50,000")
    expect(page.get_by_label("Debt-to-income ratio")).to_have_value("17.25")


def test_what_is_typed_early_is_not_replaced_by_a_suggestion(context: BrowserContext):
    page = context.new_page()
    log_in(page, "marta")
    connect = hold_connection(page)
    page.reload()
    expect(income(page)).to_be_focused()
    page.keyboard.type("52000")
    page.get_by_label("FICO score (low)").press_sequentially("700")
    page.get_by_label("FICO score (high)").press_sequentially("720")
    connect()
    page.wait_for_function("() => window.socket.connected")
    page.wait_for_timeout(1000)
    expect(page.get_by_label("FICO score (high)")).to_have_value("720")
    expect(income(page)).to_have_value("52000")


def search_reference(page: Page) -> None:
    page.get_by_label("Application reference").fill("unfindable")


def search_amount(page: Page) -> None:
    page.get_by_label("Min. amount").fill("99,000")


def press_next_case(page: Page) -> None:
    page.keyboard.press("n")


def add_note(page: Page) -> None:
    note = page.get_by_role("region", name="Note")
    note.get_by_label("Note for everyone").fill("Called the applicant.")
    note.get_by_role("button", name="Add note").click()


@pytest.mark.parametrize(
    ("path", "act", "effect"),
    [
        ("/applications", search_reference, "No applications match"),
        ("/cases?view=queue", search_amount, "No cases match"),
        ("/cases", press_next_case, "Timeline"),
        ("/cases", None, "added a note"),
    ],
    ids=["filter of applications", "filter of cases", "key", "text of a case"],
)
def test_what_is_done_early_on_other_pages_has_its_effect(
    context: BrowserContext, path: str, act: Callable[[Page], None] | None, effect: str
):
    page = context.new_page()
    log_in(page, "uma")
    if act is None:
        page.goto(path)
        page.get_by_role("button", name="Next case").click()
        page.wait_for_url("**/cases/*")
        page.get_by_role("heading", name="Timeline").wait_for()
        path, act = page.url, add_note
    connect = hold_connection(page)
    page.goto(path)
    page.locator("h1").wait_for()
    act(page)
    connect()
    page.get_by_text(effect).first.wait_for()
