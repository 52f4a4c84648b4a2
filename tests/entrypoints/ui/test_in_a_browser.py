"""A loan officer's way through the interface in a real browser, at a desk and on a phone."""

import re
from collections.abc import Iterator
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


class Desk:
    """A browser window that notes what it should not do."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._note)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(request.url)

    def is_in_order(self) -> None:
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wider) <= 0, f"{self.page.url} scrolls sideways"
        assert self.foreign == []
        assert self.complaints == []


@pytest.fixture(params=[(1280, 860), (390, 844)], ids=["desk", "phone"])
def desk(request: pytest.FixtureRequest, address: str) -> Iterator[Desk]:
    width, height = request.param
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(15_000)
        yield Desk(page, address)


def test_a_loan_officer_logs_in_enters_an_application_and_sees_its_decision(desk: Desk, tmp_path: Path):
    page = desk.page
    page.goto(f"{desk.address}/")
    page.get_by_label("Username").fill("marta")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    desk.is_in_order()
    page.keyboard.press("Enter")

    page.get_by_role("heading", name="New application").wait_for()
    page.get_by_role("button", name="Assess application").click()
    page.get_by_text("Please correct 11 fields").wait_for()
    desk.is_in_order()
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
        page.get_by_label(label, exact=True).click()
        page.get_by_role("option", name=value, exact=True).click()
    assert page.get_by_label("FICO score (high)").input_value() == "704"
    page.get_by_label("Annual income").press("Enter")

    page.get_by_role("heading", name="Score contributions").wait_for()
    assert page.locator(".outcome-title").inner_text() in {"Approved", "Referred", "Declined"}
    assert page.locator(".contributions tbody tr").count() == 14
    desk.is_in_order()

    page.get_by_role("link", name="Decisions", exact=True).click()
    page.locator("table.list-table tbody tr").first.wait_for()
    desk.is_in_order()
    page.get_by_label("Search").fill("debt")
    page.wait_for_url("**/decisions?text=debt")
    page.locator("table.list-table tbody tr").first.click()
    page.get_by_role("heading", name="Score contributions").wait_for()
    desk.is_in_order()

    page.goto(f"{desk.address}/decisions?outcome=referred")
    page.locator("table.list-table tbody tr").first.click()
    page.locator(".option-list li").first.wait_for()
    assert all("would be approved (PD" in way for way in page.locator(".option-list li").all_inner_texts())
    desk.is_in_order()

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    desk.is_in_order()


def log_in(desk: Desk, name: str, path: str) -> Page:
    desk.page.goto(f"{desk.address}{path}")
    desk.page.get_by_label("Username").fill(name)
    desk.page.get_by_label("Password", exact=True).fill(PASSWORD)
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(f"**{path}")
    return desk.page


def test_a_file_is_chosen_by_click_or_key_and_another_after_a_refused_one(desk: Desk, tmp_path: Path):
    page = log_in(desk, "rui", "/batches")
    empty, workbook, loans = (tmp_path / name for name in ("empty.csv", "loans.xlsx", "loans.csv"))
    empty.touch()
    workbook.write_bytes(b"PK")
    loans.write_text("a,b\n1,2\n")
    button = page.get_by_role("button", name="Choose a file")

    with page.expect_file_chooser() as opened:
        button.press("Enter")
    opened.value.set_files(workbook)
    page.get_by_text("Unsupported file type").wait_for()
    desk.is_in_order()

    with page.expect_file_chooser() as opened:
        button.click()
    opened.value.set_files(empty)
    page.get_by_text("File not accepted").wait_for()
    assert page.url.endswith("/batches")

    with page.expect_file_chooser() as opened:
        page.locator(".upload-header").click(position={"x": 5, "y": 5})
    opened.value.set_files(loans)
    page.get_by_role("heading", name="loans.csv").wait_for()
    desk.is_in_order()


def test_every_entry_of_the_head_is_seen_whole_however_wide_the_window(desk: Desk):
    page = log_in(desk, "arthur", "/decisions")
    page.get_by_role("button", name="Log out").wait_for()
    for width in (700, 860, 900, 954, 1024, 1200, 1201, 1366):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator(".log-out").evaluate("(it) => it.getBoundingClientRect().right") <= width
        lines = (
            "(all) => all.map((it) => Math.round(it.offsetHeight / parseFloat(getComputedStyle(it).lineHeight)))"
        )
        assert page.locator(".nav-link > span").evaluate_all(lines) == [1] * 4, width
        desk.is_in_order()


def test_nothing_touches_or_covers_what_stands_beside_it(desk: Desk):
    page = log_in(desk, "arthur", "/audit")

    def room_between(upper: str, lower: str) -> float:
        above, below = (page.locator(one).first.bounding_box() for one in (upper, lower))
        return below["y"] - above["y"] - above["height"]

    page.get_by_text("Only their audit entries are verified").wait_for()
    assert room_between(".archived-months .q-field__messages", ".button-primary") >= 8

    page.goto(f"{desk.address}/decisions")
    page.locator("table.list-table tbody tr").first.click()
    page.get_by_role("button", name="Reproduce").click()
    page.locator(".result .alert").wait_for()
    assert room_between(".result", ".outcome-panel") >= 16

    page.goto(f"{desk.address}/overview")
    page.locator(".cut-off-line").nth(1).wait_for()
    first, second = (page.locator(".cut-off-line").nth(index) for index in (0, 1))
    label = first.locator("span").bounding_box()
    assert label["x"] + label["width"] <= second.bounding_box()["x"]


def test_older_decisions_are_read_from_their_top(desk: Desk):
    page = log_in(desk, "rui", "/decisions")
    page.get_by_role("button", name="Older").click()
    page.get_by_text(re.compile(r"^26 to 3\d of")).wait_for()
    page.get_by_role("button", name="Newer").click()
    page.get_by_text(re.compile(r"^1 to 25 of")).wait_for()
    page.wait_for_function("Math.abs(document.querySelector('.results').getBoundingClientRect().top) < 2")


def test_a_risk_manager_looks_over_a_period_in_drawings_and_in_tables(desk: Desk):
    page = desk.page
    page.goto(f"{desk.address}/overview")
    page.get_by_label("Username").fill("rui")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Outcomes").wait_for()
    assert page.get_by_role("link", name="Last 30 days").get_attribute("aria-current") == "true"
    assert page.get_by_role("link", name="Overview", exact=True).get_attribute("aria-current") == "page"
    days = page.get_by_role("img", name="Decisions by outcome per day")
    assert days.locator(".columns > div").count() == 30
    tallest = max(part.bounding_box()["height"] for part in days.locator("i").all())
    assert tallest > 50
    desk.is_in_order()

    page.get_by_role("button", name="Share").click()
    shares = page.get_by_role("img", name="Share of outcomes per day")
    shares.wait_for()
    assert not days.is_visible()
    room = shares.locator(".columns").bounding_box()["height"]
    parts = shares.locator(".columns > div").nth(25).locator("i").all()
    assert abs(sum(part.bounding_box()["height"] for part in parts) - room) < 2

    page.get_by_text("Show as table").first.click()
    table = page.get_by_role("table", name="Decisions by outcome per day")
    assert table.get_by_role("row").count() == 31
    counted = sum(int(cell) for cell in table.locator("tbody tr td:nth-child(2)").all_inner_texts())
    assert page.locator(".figure-value").first.inner_text() == str(counted)
    desk.is_in_order()

    page.get_by_role("link", name="Last 24 hours").click()
    page.get_by_role("img", name="Decisions by outcome per hour").wait_for()
    desk.is_in_order()

    page.get_by_label("From date").fill("2001-01-01")
    page.get_by_label("To date").fill("2001-01-05")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/overview?since=2001-01-01&until=2001-01-05")
    page.get_by_text("No decisions in this period").wait_for()
    desk.is_in_order()
