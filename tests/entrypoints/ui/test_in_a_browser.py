"""The interface in a real browser, at desktop and phone size."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page
from ui_lender import PASSWORD
from ui_service import served

from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("interface"), decisions=30) as address:
        yield address


class BrowserWindow:
    """A browser page that records requests to other hosts and console errors."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.foreign_requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._note)
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.foreign_requests.append(request.url)

    def assert_no_problems(self) -> None:
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wider) <= 0, f"{self.page.url} scrolls sideways"
        assert self.foreign_requests == []
        assert self.errors == []


@pytest.fixture(params=[(1280, 860), (390, 844)], ids=["window", "phone"])
def window(request: pytest.FixtureRequest, address: str) -> Iterator[BrowserWindow]:
    width, height = request.param
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(15_000)
        yield BrowserWindow(page, address)


def test_a_loan_officer_submits_an_application_and_sees_the_decision(window: BrowserWindow, tmp_path: Path):
    page = window.page
    page.goto(f"{window.address}/")
    page.get_by_label("Username").fill("marta")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    window.assert_no_problems()
    page.keyboard.press("Enter")

    page.get_by_role("heading", name="New application").wait_for()
    page.get_by_role("button", name="Assess application").click()
    page.get_by_text("Please correct 11 fields").wait_for()
    window.assert_no_problems()
    typed = {
        "Annual income": "50,000",
        "Requested amount": "10,000",
        "FICO score (low)": "700",
        "Debt-to-income ratio": "15.5",
    }
    typed |= {"Inquiries": "2", "Delinquencies": "0", "Public records": "0"}
    for label, value in typed.items():
        page.get_by_label(label, exact=True).fill(value)
    chosen = {
        "Length of employment": "5 years",
        "Home ownership": "Mortgage",
        "Loan purpose": "Debt consolidation",
    }
    for label, value in chosen.items():
        page.get_by_label(label, exact=True).select_option(label=value)
    assert page.get_by_label("FICO score (high)").input_value() == "704"
    page.get_by_label("Annual income").press("Enter")

    page.get_by_role("heading", name="Score contributions").wait_for()
    assert page.locator(".outcome-title").inner_text() in {"Approved", "Referred", "Declined"}
    assert page.locator(".contributions tbody tr").count() == 14
    window.assert_no_problems()

    page.get_by_role("link", name="Decisions", exact=True).click()
    page.locator("table.list-table tbody tr").first.wait_for()
    window.assert_no_problems()
    page.get_by_label("Search").fill("debt")
    page.wait_for_url("**/decisions?text=debt")
    page.locator("table.list-table tbody tr").first.click()
    page.get_by_role("heading", name="Score contributions").wait_for()
    window.assert_no_problems()

    page.goto(f"{window.address}/decisions?outcome=referred")
    page.locator("table.list-table tbody tr").first.click()
    page.locator(".option-list li").first.wait_for()
    assert all("would be approved (PD" in option for option in page.locator(".option-list li").all_inner_texts())
    window.assert_no_problems()

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    window.assert_no_problems()


def log_in(window: BrowserWindow, name: str, path: str) -> Page:
    window.page.goto(f"{window.address}{path}")
    window.page.get_by_label("Username").fill(name)
    window.page.get_by_label("Password", exact=True).fill(PASSWORD)
    window.page.keyboard.press("Enter")
    window.page.wait_for_url(f"**{path}")
    return window.page


def test_a_file_is_chosen_by_click_or_key_and_another_after_a_rejected_one(window: BrowserWindow, tmp_path: Path):
    page = log_in(window, "rui", "/batches")
    empty, workbook, loans = (tmp_path / name for name in ("empty.csv", "loans.xlsx", "loans.csv"))
    empty.touch()
    workbook.write_bytes(b"PK")
    loans.write_text("a,b\n1,2\n")
    button = page.get_by_role("button", name="Choose a file")

    with page.expect_file_chooser() as opened:
        button.press("Enter")
    opened.value.set_files(workbook)
    page.get_by_text("Unsupported file type").wait_for()
    window.assert_no_problems()

    with page.expect_file_chooser() as opened:
        button.click()
    opened.value.set_files(empty)
    page.get_by_text("File not accepted").wait_for()
    assert page.url.endswith("/batches")

    with page.expect_file_chooser() as opened:
        page.locator(".upload-header").click(position={"x": 5, "y": 5})
    opened.value.set_files(loans)
    page.get_by_role("heading", name="loans.csv").wait_for()
    window.assert_no_problems()


def test_navigation_entries_are_fully_visible_at_every_width(window: BrowserWindow):
    page = log_in(window, "arthur", "/decisions")
    page.get_by_role("button", name="Log out").wait_for()
    for width in (700, 860, 900, 954, 1024, 1200, 1201, 1366):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator(".log-out").evaluate("(it) => it.getBoundingClientRect().right") <= width
        lines = (
            "(all) => all.map((it) => Math.round(it.offsetHeight / parseFloat(getComputedStyle(it).lineHeight)))"
        )
        assert page.locator(".nav-link > span:not(.nav-count-place)").evaluate_all(lines) == [1] * 9, width
        window.assert_no_problems()


def test_elements_do_not_touch_or_overlap(window: BrowserWindow):
    page = log_in(window, "arthur", "/audit")

    def distance_between(upper: str, lower: str) -> float:
        above, below = (page.locator(one).first.bounding_box() for one in (upper, lower))
        return below["y"] - above["y"] - above["height"]

    page.get_by_text("Only their audit entries are verified").wait_for()
    assert distance_between(".archived-months .q-field__messages", ".button-primary") >= 8

    page.goto(f"{window.address}/decisions")
    page.locator("table.list-table tbody tr").first.click()
    page.get_by_role("button", name="Reproduce").click()
    page.locator(".result .alert").wait_for()
    assert distance_between(".result", ".outcome-panel") >= 16

    page.goto(f"{window.address}/overview")
    page.locator(".cut-off-line").nth(1).wait_for()
    first, second = (page.locator(".cut-off-line").nth(index) for index in (0, 1))
    label = first.locator("span").bounding_box()
    assert label["x"] + label["width"] <= second.bounding_box()["x"]


def test_an_auditor_reads_events_and_verifies(window: BrowserWindow):
    page = log_in(window, "arthur", "/audit")
    page.locator(".event-table tbody tr").first.wait_for()
    window.assert_no_problems()
    page.get_by_label("Actor").fill("arthur")
    page.get_by_text("Logged in").first.wait_for()
    page.wait_for_url("**/audit?actor=arthur")
    page.get_by_role("button", name="Verify everything").click()
    page.get_by_text("Verified, no issues").wait_for()
    page.get_by_text("Last verification: no issues").wait_for()
    window.assert_no_problems()


def test_paging_scrolls_to_the_top_of_the_list(window: BrowserWindow):
    page = log_in(window, "rui", "/decisions")
    page.get_by_role("button", name="Older").click()
    page.get_by_text(re.compile(r"^26 to 3\d of")).wait_for()
    page.get_by_role("button", name="Newer").click()
    page.get_by_text(re.compile(r"^1 to 25 of")).wait_for()
    page.wait_for_function("Math.abs(document.querySelector('.results').getBoundingClientRect().top) < 2")


def test_a_decision_leads_back_to_the_same_place_in_the_list(window: BrowserWindow):
    """By the browser's button and by the link: the same filter, page, scroll position and focus."""
    page = log_in(window, "rui", "/decisions")
    page.get_by_text("More filters").click()
    page.get_by_label("Min. amount").fill("1")
    page.wait_for_url("**/decisions?minimum=1")
    page.get_by_role("button", name="Older").click()
    page.get_by_text(re.compile(r"^26 to 3\d of")).wait_for()
    page.wait_for_url("**page=2**")
    address = page.url
    row = page.locator("a.row-link").nth(3)
    opened = row.get_attribute("href")
    page.set_viewport_size(
        {"width": page.viewport_size["width"], "height": 420}
    )  # so that there is a way to scroll
    row.scroll_into_view_if_needed()
    for go_back in (page.go_back, page.get_by_role("link", name="Back to decisions").click):
        scrolled = page.evaluate("scrollY")
        assert scrolled > 100
        page.locator("a.row-link").nth(3).click()
        page.get_by_role("heading", name="Score contributions").wait_for()
        go_back()
        page.get_by_text(re.compile(r"^26 to 3\d of")).wait_for()
        assert page.url == address
        page.wait_for_function(f"Math.abs(scrollY - {scrolled}) < 3")
        assert page.evaluate("document.activeElement.getAttribute('href')") == opened
        assert page.get_by_label("Min. amount").input_value() == "1"
        window.assert_no_problems()


def test_times_are_those_of_the_browser(address: str):
    """From the first page after the login on."""
    with chromium() as browser:
        page = browser.new_page(timezone_id="Asia/Tokyo")
        page.set_default_timeout(15_000)
        page = log_in(BrowserWindow(page, address), "arthur", "/decisions")
        page.get_by_text("Times are in Tokyo (Asia/Tokyo).").wait_for()
        link = page.locator("a.row-link").first
        shown, utc = f"{link.inner_text()} +0900", link.get_attribute("title").replace("UTC", "+0000")
        assert len({datetime.strptime(each, "%d %b %Y, %H:%M %z") for each in (shown, utc)}) == 1


def test_a_risk_manager_reads_the_overview_as_charts_and_tables(window: BrowserWindow):
    page = window.page
    page.goto(f"{window.address}/overview")
    page.get_by_label("Username").fill("rui")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Outcomes").wait_for()
    assert page.get_by_role("link", name="Last 30 days").get_attribute("aria-current") == "true"
    assert page.get_by_role("link", name="Overview", exact=True).get_attribute("aria-current") == "page"
    days = page.get_by_role("img", name="Decisions by outcome per day")
    assert days.locator(".columns > div").count() == 30
    max_height = max(part.bounding_box()["height"] for part in days.locator("i").all())
    assert max_height > 50
    window.assert_no_problems()

    page.get_by_role("button", name="Share").click()
    shares = page.get_by_role("img", name="Share of outcomes per day")
    shares.wait_for()
    assert not days.is_visible()
    height = shares.locator(".columns").bounding_box()["height"]
    parts = shares.locator(".columns > div").nth(25).locator("i").all()
    assert abs(sum(part.bounding_box()["height"] for part in parts) - height) < 2

    page.get_by_text("Show as table").first.click()
    table = page.get_by_role("table", name="Decisions by outcome per day")
    assert table.get_by_role("row").count() == 31
    counted = sum(int(cell) for cell in table.locator("tbody tr td:nth-child(2)").all_inner_texts())
    assert page.locator(".figure-value").first.inner_text() == str(counted)
    window.assert_no_problems()

    page.get_by_role("link", name="Last 24 hours").click()
    page.get_by_role("img", name="Decisions by outcome per hour").wait_for()
    window.assert_no_problems()

    page.get_by_label("From date").fill("2001-01-01")
    page.get_by_label("To date").fill("2001-01-05")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/overview?since=2001-01-01&until=2001-01-05")
    page.get_by_text("No decisions in this period").wait_for()
    window.assert_no_problems()


def test_figures_of_the_overview_lead_to_their_decisions(window: BrowserWindow):
    page = log_in(window, "rui", "/overview")
    page.get_by_text("Show as table").first.click()
    table = page.get_by_role("table", name="Decisions by outcome per day")
    count = table.get_by_role("link").first.inner_text()
    for link in (table.get_by_role("link"), page.locator(".column-links a")):
        link.first.click()
        page.get_by_text(re.compile(rf"^1 to {count} of {count} decisions?$")).wait_for()
        page.get_by_text(re.compile("^Decided from .* before")).wait_for()
        window.assert_no_problems()
        page.go_back()
        page.get_by_text("Show as table").first.click()
    page.get_by_role("img", name="Decisions by probability of default").wait_for()
    page.locator(".plot-pd .column-links a").first.click()
    page.get_by_text(re.compile("^PD from ")).wait_for()
    page.go_back()
    page.get_by_label("Grade").click()
    page.get_by_role("option", name="C", exact=True).click()
    page.wait_for_url("**/overview?period=30d&grade=C")
    page.get_by_role("link", name=re.compile(r"\d+ decisions?")).first.click()
    page.wait_for_url("**/decisions?grade=C&**")
    window.assert_no_problems()
