"""The underwriters' desk in real browsers: from the queue to a second person's approval."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from ui_lender import PASSWORD
from ui_service import served

from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

SEES_CHANGES_MS = 15_000
"""How long a page may take to show what someone else did; it asks every 5 seconds."""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
Window = Callable[..., Page]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("interface")
    with served(folder, decisions=60) as address:
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

    def open_for(name: str, path: str = "/cases", width: int = 1440) -> Page:
        page = browser.new_page(base_url=address, viewport={"width": width, "height": 900})
        opened.append(page)
        page.set_default_timeout(15_000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(f"/login?next={path}")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{path}")
        page.locator("h1").wait_for()
        return page

    yield open_for
    errors = [error for page in opened for error in page.errors]
    for page in opened:
        page.close()
    assert errors == []


def form(page: Page, name: str = "Resolve"):
    return page.get_by_role("region", name=name)


def is_not_printed(page: Page, control: Locator) -> None:
    expect(control).to_be_visible()
    page.emulate_media(media="print")
    expect(control).not_to_be_visible()
    page.emulate_media(media="screen")


def next_case(page: Page) -> str:
    page.get_by_role("button", name="Next case").click()
    page.wait_for_url(re.compile("/cases/[0-9a-f-]{36}$"))
    page.get_by_text("You hold this case until").wait_for()
    return page.url


def fill_resolution(page: Page, outcome: str, reason: str, text: str = "Three payslips were checked.") -> None:
    resolve = form(page)
    resolve.get_by_label("Decision").select_option(outcome)
    resolve.get_by_label("Reason").locator(f"option[value={reason}]").wait_for(state="attached")
    resolve.get_by_label("Reason").select_option(reason)
    resolve.get_by_label("Explanation").fill(text)


@pytest.mark.parametrize("width", [1440, 390])
def test_from_the_queue_to_a_second_persons_approval(window: Window, width: int):
    maker = window("uma", width=width)
    case = next_case(maker)
    fill_resolution(maker, "approved", "INCOME_VERIFIED")
    authority = form(maker).locator(".authority")
    expect(authority).to_contain_text(re.compile(r"You can approve up to \$[\d,]+ at grade [A-G]\."))
    expect(authority).to_contain_text("This needs a second approval because")
    form(maker).get_by_label("Conditions").fill("Proof of insurance")
    is_not_printed(maker, form(maker))
    form(maker).get_by_role("button", name="Propose to a second person").dblclick()
    expect(form(maker, "State of the case")).to_contain_text("Awaiting second approval")
    expect(form(maker)).not_to_be_visible()
    assert maker.get_by_text("uma proposed: approved").count() == 1

    path = case[case.index("/cases/") :]
    officer = window("marta", path, width)
    expect(form(officer, "Proposed resolution")).to_contain_text("Three payslips were checked.")
    for button in ("Next case", "Claim", "Approve", "Add note"):
        expect(officer.get_by_role("button", name=button, exact=True)).to_have_count(0)

    checker = window("sara", "/cases?view=second-approval", width)
    checker.get_by_role("link", name=f"Case {case[-8:]}").click()
    checker.get_by_role("button", name="Claim").click()
    checker.get_by_role("button", name="Refuse").click()
    expect(checker.get_by_text("Say why you refuse")).to_be_visible()
    checker.get_by_role("button", name="Approve", exact=True).click()
    for page in (checker, maker, officer):  # the others without loading the page again
        state = form(page, "State of the case")
        expect(state).to_contain_text("Resolved", timeout=SEES_CHANGES_MS)
        expect(form(page, "Final decision")).to_contain_text("sara")
        assert page.evaluate(WIDER) <= 0

    waive = checker.get_by_role("button", name="Waive: condition 1")
    is_not_printed(checker, waive)
    waive.click()
    dialog = checker.get_by_role("dialog")
    dialog.get_by_role("button", name="Waive").click()
    expect(dialog.get_by_text("Required")).to_be_visible()
    dialog.get_by_label("Reason").fill("The car is insured by the seller.")
    dialog.get_by_role("button", name="Waive").click()
    expect(form(checker, "Final decision")).to_contain_text("Waived")
    expect(form(maker, "Final decision")).to_contain_text("Waived", timeout=SEES_CHANGES_MS)


def test_a_case_is_resolved_without_a_mouse(window: Window):
    page = window("uma")
    page.keyboard.press("n")
    page.wait_for_url(re.compile("/cases/[0-9a-f-]{36}$"))
    page.get_by_text("You hold this case until").wait_for()
    page.keyboard.press("r")
    expect(form(page).get_by_label("Decision")).to_be_focused()
    page.keyboard.type("dec")  # Decline
    expect(form(page).get_by_role("button", name="Decline")).to_be_visible()
    page.keyboard.press("Tab")
    expect(form(page).get_by_label("Reason")).to_be_focused()
    page.keyboard.type("the r")  # The risk is too high at these terms
    page.keyboard.press("Tab")
    page.keyboard.type("No recourse, nothing new. ")  # n, c and r are only letters here
    expect(form(page).get_by_label("Explanation")).to_have_value("No recourse, nothing new. ")
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip().endswith("Decline"):
            break
    page.keyboard.press("Enter")
    expect(form(page, "Final decision")).to_contain_text("Declined")

    page.get_by_role("button", name="Turn off").press("Enter")
    page.keyboard.press("n")
    page.wait_for_timeout(500)
    expect(form(page, "Final decision")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Turn on").press("Enter")


def test_two_people_want_the_same_case(window: Window):
    queue = window("sara", "/cases?view=queue")
    link = queue.locator("a.row-link").first
    path = link.get_attribute("href")
    second = queue.locator("a.row-link").nth(1)
    second.focus()
    focused = second.get_attribute("href")
    one, other = window("uma", path), window("udo", path)
    other.get_by_role("button", name="Claim").wait_for()
    one.get_by_role("button", name="Claim").dblclick()
    one.get_by_text("You hold this case until").wait_for()
    assert one.get_by_text("uma claimed the case").count() == 1
    expect(other.get_by_text("uma holds this case")).to_be_visible(timeout=SEES_CHANGES_MS)
    expect(other.get_by_role("button", name="Claim")).to_have_count(0)
    expect(queue.locator(f"a.row-link[href='{path}']")).to_have_count(0, timeout=SEES_CHANGES_MS)
    assert queue.evaluate("document.activeElement.getAttribute('href')") == focused

    one.get_by_role("button", name="Release").click()
    expect(queue.locator(f"a.row-link[href='{path}']")).to_have_count(1, timeout=SEES_CHANGES_MS)
    other.get_by_role("button", name="Claim").click(timeout=SEES_CHANGES_MS)
    other.get_by_text("You hold this case until").wait_for()
    other.get_by_role("button", name="Release").click()


def test_what_is_typed_survives_a_lost_claim_and_a_reload(window: Window):
    page = window("uma")
    case = next_case(page)
    fill_resolution(page, "declined", "RISK_TOO_HIGH", "Written before the case was lost.")
    form(page, "Note").get_by_label("Note").fill("Called the employer.")
    senior = window("sara", case[case.index("/cases/") :])
    senior.get_by_role("button", name="Reassign").click()
    dialog = senior.get_by_role("dialog")
    dialog.get_by_label("Username").fill("unknown")
    dialog.get_by_role("button", name="Reassign").click()
    expect(senior.get_by_text("There is no user unknown: check the username.")).to_be_visible()
    senior.get_by_role("button", name="Reassign").click()
    dialog.get_by_label("Username").fill("udo")
    dialog.get_by_role("button", name="Reassign").click()
    expect(page.get_by_text("You no longer hold this case")).to_be_visible(timeout=SEES_CHANGES_MS)
    expect(page.locator(".case-message")).to_contain_text("udo holds this case")
    expect(page.locator(".case-message")).to_contain_text("What you typed is kept on this page.")
    expect(form(page).get_by_label("Explanation")).to_have_value("Written before the case was lost.")
    expect(form(page).get_by_role("button", name="Decline")).to_be_disabled()
    page.reload()
    page.get_by_text("Your entries were restored").wait_for()
    expect(form(page).get_by_label("Explanation")).to_have_value("Written before the case was lost.")
    expect(form(page, "Note").get_by_label("Note")).to_have_value("Called the employer.")
    senior.get_by_role("button", name="Reassign").click()
    dialog.get_by_label("Username").fill("uma")
    dialog.get_by_role("button", name="Reassign").click()
    expect(page.get_by_text("You hold this case until")).to_be_visible(timeout=SEES_CHANGES_MS)
    form(page).get_by_role("button", name="Decline").click()
    expect(form(page, "Final decision")).to_contain_text("Written before the case was lost.")


def test_the_clock_stops_while_the_applicant_is_awaited(window: Window):
    page = window("uma")
    next_case(page)
    form(page, "Ask the applicant").get_by_label("What is needed").fill("Two payslips.")
    page.get_by_role("button", name="Ask and stop the clock").dblclick()
    expect(form(page, "State of the case")).to_contain_text("Clock stopped")
    expect(form(page)).not_to_be_visible()
    form(page, "Applicant's answer").get_by_label("What was received").fill("Both payslips.")
    page.get_by_role("button", name="Record answer").click()
    expect(form(page)).to_be_visible()
    form(page, "Note").get_by_label("Note").fill("The payslips are genuine.")
    page.get_by_role("button", name="Add note").dblclick()
    timeline = page.get_by_role("region", name="Timeline")
    for text in ("Two payslips.", "Both payslips.", "The payslips are genuine."):
        expect(timeline.get_by_text(text, exact=True)).to_have_count(1)


def test_a_counter_offer_is_computed_before_it_is_made(window: Window):
    page = window("uma")
    next_case(page)
    resolve = form(page)
    resolve.get_by_label("Decision").select_option("counter_offer")
    resolve.get_by_text(re.compile("The policy approves")).wait_for()
    resolve.get_by_label("Amount").fill("1,000,000")
    resolve.get_by_label("Term").select_option("36")
    expect(resolve.locator(".offer-result")).to_contain_text("is more than the requested")
    resolve.get_by_label("Amount").fill("1,500")
    expect(resolve.locator(".offer-result")).to_contain_text(re.compile(r"\$1,500 over 36 months at [\d.]+"))
    expect(resolve.locator(".authority")).to_contain_text("You decide this alone.")
    document = {"name": "payslip.pdf", "mimeType": "application/pdf", "buffer": b"a payslip"}
    resolve.locator("input[type=file]").set_input_files(document)
    expect(resolve.get_by_label("SHA-256")).to_have_value(re.compile("^[0-9a-f]{64}$"))
    expect(resolve.get_by_label("Type")).to_have_value("payslip")
    resolve.get_by_role("button", name="Make a counter-offer").click()
    expect(resolve.get_by_text("Required")).to_be_visible()
    resolve.get_by_label("Reason").select_option("AFFORDABLE_AT_OTHER_TERMS")
    resolve.get_by_label("Explanation").fill("Affordable at this amount.")
    resolve.get_by_role("button", name="Make a counter-offer").click()
    final = form(page, "Final decision")
    expect(final).to_contain_text("$1,500 over 36 months")
    expect(final).to_contain_text("payslip, 20")


def test_the_navigation_counts_own_cases_and_the_page_of_the_application_follows_the_case(window: Window):
    uma = window("uma")
    cases = uma.get_by_role("navigation", name="Main").get_by_role("link", name="Cases")
    before = int(number[0]) if (number := re.search(r"\d+", cases.inner_text())) else 0
    path = next_case(uma)
    expect(cases).to_have_accessible_name(re.compile(rf"Cases \({before + 1} cases? of yours\)"))
    uma.get_by_role("link", name="Decision", exact=True).click()
    uma.get_by_role("link", name="Open application").click()
    uma.get_by_role("heading", name="What happened").wait_for()
    marta = window("marta", uma.url[uma.url.index("/applications/") :])
    expect(form(marta, "State")).to_contain_text("Referred")
    uma.goto(path)
    fill_resolution(uma, "declined", "RISK_TOO_HIGH")
    form(uma).locator("button[type=submit]").click()
    form(uma, "Final decision").wait_for()
    expect(form(marta, "State")).to_contain_text("Declined", timeout=SEES_CHANGES_MS)
    expect(marta.get_by_text("uma declined the application")).to_be_visible()
