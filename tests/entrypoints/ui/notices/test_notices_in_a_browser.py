"""Notices in a real browser: from the list to a delivered letter, and from a resolved case to its letter."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from ui_lender import PASSWORD
from ui_service import served

from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

Window = Callable[..., Page]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("interface")
    with served(folder, decisions=40) as address:
        yield address
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def window(browser: Browser, address: str) -> Iterator[Window]:
    """Opens a browser window of its own for a person."""
    opened: list[Page] = []
    errors: list[str] = []

    def open_for(name: str, path: str = "/notices", width: int = 1440) -> Page:
        page = browser.new_page(base_url=address, viewport={"width": width, "height": 900})
        opened.append(page)
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"/login?next={path}")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{path}")
        page.locator("h1").wait_for()
        return page

    yield open_for
    for page in opened:
        page.close()
    assert errors == []


def part(page: Page, name: str):
    return page.get_by_role("region", name=name)


def number_due(page: Page) -> int:
    tab = page.get_by_role("navigation", name="Lists of notices").get_by_role("link", name="Due", exact=False)
    return int(tab.first.locator("[data-count]").inner_text())


@pytest.mark.parametrize("width", [1440, 390])
def test_compliance_takes_a_notice_from_the_list_to_its_delivery(window: Window, width: int):
    cora = window("cora", width=width)
    due = number_due(cora)
    cora.get_by_role("button", name="Next notice").click()
    cora.wait_for_url(re.compile("/notices/[0-9a-f-]{36}$"))
    letter = cora.frame_locator("iframe[title='Preview of the letter']")
    letter.get_by_text("Prairie Loans, Inc.").first.wait_for()
    expect(part(cora, "What is owed")).to_contain_text("The system declined the application.")

    form = part(cora, "Issue the letter")
    form.get_by_label("Postal address").fill("12 Elm Street")
    form.get_by_role("button", name="Issue letter").click()
    form.get_by_text("Required with an address").wait_for()
    form.get_by_label("Name of the applicant").fill("Maria Alvarez")
    form.get_by_role("button", name="Update preview").click()
    letter.get_by_text("Maria Alvarez").first.wait_for()
    form.get_by_role("button", name="Issue letter").dblclick()
    cora.get_by_role("dialog").get_by_role("button", name="Issue letter").click()
    cora.get_by_text("cora issued the letter").wait_for()
    issued = cora.frame_locator("iframe[title='Letter as issued']")
    issued.get_by_text("Maria Alvarez").first.wait_for()
    expect(form).not_to_be_visible()

    with cora.expect_download() as download:
        part(cora, "Send the letter").get_by_role("link", name="Download PDF").click()
    first = download.value.path().read_bytes()
    assert first.startswith(b"%PDF")

    cora.get_by_role("button", name="Record delivery").click()
    dialog = cora.get_by_role("dialog")
    dialog.get_by_role("button", name="Record delivery").click()
    dialog.get_by_text("Select an option").wait_for()
    dialog.get_by_label("Day on which it was sent").fill("2020-01-01")
    dialog.get_by_label("Method").select_option("mail")
    dialog.get_by_role("button", name="Record delivery").click()
    dialog.get_by_text(re.compile("Enter a day from")).wait_for()
    dialog.get_by_label("Day on which it was sent").fill(cora.evaluate("new Date().toISOString().slice(0, 10)"))
    dialog.get_by_role("button", name="Record delivery").click()
    expect(part(cora, "State of the notice")).to_contain_text("Delivered")
    assert cora.get_by_text("cora recorded the delivery").count() == 1
    with cora.expect_download() as download:
        part(cora, "Issued letter").get_by_role("link", name="Download PDF").click()
    assert download.value.path().read_bytes() == first, "the same bytes again"

    cora.get_by_role("link", name="All notices").click()
    cora.locator("h1", has_text="Notices").wait_for()
    assert number_due(cora) == due - 1
    cora.get_by_role("link", name="Delivered").click()
    cora.get_by_role("table").get_by_text("Delivered").first.wait_for()


def test_a_referral_goes_from_the_queue_to_its_letter(window: Window):
    uma = window("uma", "/cases")
    uma.get_by_role("button", name="Next case").click()
    uma.get_by_text("You hold this case until").wait_for()
    form = part(uma, "Resolve")
    form.get_by_label("Decision").select_option("declined")
    form.get_by_label("Reason").locator("option[value=RISK_TOO_HIGH]").wait_for(state="attached")
    form.get_by_label("Reason").select_option("RISK_TOO_HIGH")
    form.get_by_label("Explanation").fill("Income could not be verified.")
    form.locator("button[type=submit]").click()
    part(uma, "Final decision").wait_for()
    notices = part(uma, "Notice to the applicant")
    expect(notices).to_contain_text(re.compile(r"is due by \d+ \w{3} \d{4}"))
    notices.get_by_role("link", name="Prepare it").click()
    uma.wait_for_url(re.compile("/notices/[0-9a-f-]{36}$"))
    uma.frame_locator("iframe[title='Preview of the letter']").get_by_text("Prairie Loans, Inc.").first.wait_for()
    uma.get_by_role("button", name="Issue letter").click()
    uma.get_by_role("dialog").get_by_role("button", name="Issue letter").click()
    uma.get_by_text("uma issued the letter").wait_for()
    uma.get_by_role("link", name="Application", exact=True).click()
    uma.wait_for_url("**/applications/*")
    expect(part(uma, "Notice to the applicant")).to_contain_text("Issued")


def test_two_officers_issue_one_letter_and_readers_issue_none(window: Window):
    cora = window("cora")
    cora.get_by_role("table").get_by_role("link").first.click()
    cora.wait_for_url(re.compile("/notices/[0-9a-f-]{36}$"))
    path = cora.url[cora.url.index("/notices/") :]
    sara, marta = window("sara", path), window("marta", path)
    marta.get_by_text("Underwriters and compliance officers issue it.").wait_for()
    expect(marta.get_by_role("button", name="Issue letter")).to_have_count(0)
    for page in (cora, sara):
        page.frame_locator("iframe[title='Preview of the letter']").get_by_text("Prairie").first.wait_for()
        page.get_by_role("button", name="Issue letter").click()
    for page in (cora, sara):
        page.get_by_role("dialog").get_by_role("button", name="Issue letter").click()
    for page in (cora, sara, marta):
        page.get_by_text(re.compile("(cora|sara) issued the letter")).wait_for()
        assert page.get_by_text(re.compile("issued the letter")).count() == 1
    expect(marta.get_by_role("button", name="Record delivery")).to_have_count(0)
    marta.frame_locator("iframe[title='Letter as issued']").get_by_text("Prairie").first.wait_for()
