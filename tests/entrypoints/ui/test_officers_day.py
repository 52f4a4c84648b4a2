"""The day of a loan officer in a real browser: twenty applications by keyboard, a slip, and a decline on paper."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from ui_lender import PASSWORD
from ui_service import served

from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

APPLICATIONS = 20
DECLINED = ("13000", "<", "rent", "36000", "60", "sm", "640", "", "44", "99", "9", "5", "4")
REFERENCES = ("LN-" + 61 * "7", "C-" + 62 * "3", "loan-origination", "branch")
"""As long as references usually get, so that the page is as full as it gets."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with served(tmp_path_factory.mktemp("interface")) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(15_000)
        page.goto(f"{address}/")
        page.get_by_label("Username").fill("marta")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        yield page


def application(number: int) -> tuple[str, ...]:
    """What the officer types, field by field; the high end of the range is filled in."""
    income, amount, score = 30_000 + 2_750 * number, 4_000 + 1_250 * number, 665 + 6 * number
    ownership, purpose = ("mort", "rent", "own")[number % 3], ("debt", "home", "car", "med")[number % 4]
    years, term = ("3 y", "10", "n")[number % 3], ("36", "60")[number % 2]
    return (
        f"{income:,}",
        years,
        ownership,
        str(amount),
        term,
        purpose,
        str(score),
        "",
        "17.5",
        "",
        "1",
        "0",
        "0",
        f"LN-{number:03}",
    )


def type_into_form(page: Page, entries: tuple[str, ...]) -> None:
    expect(page.locator("form.application input").first).to_be_focused()
    for text in entries:
        page.keyboard.type(text)
        page.keyboard.press("Tab")


def decided(page: Page) -> str:
    page.wait_for_url(re.compile("/decisions/[0-9a-f-]{36}$"))
    page.locator(".outcome-title").wait_for()
    return page.url


def next_form(page: Page) -> None:
    page.get_by_role("link", name="New application", exact=True).first.press("Enter")
    page.get_by_role("heading", name="New application").wait_for()


def test_twenty_applications_are_typed_without_a_mouse(page: Page):
    requests = set()
    for number in range(APPLICATIONS):
        type_into_form(page, application(number))
        page.keyboard.press("Enter")  # in any field
        requests.add((decided(page), page.locator(".outcome-request").inner_text()))
        next_form(page)
    assert len({address for address, _ in requests}) == APPLICATIONS
    assert {text for _, text in requests} == {
        f"${4_000 + 1_250 * number:,} over {(36, 60)[number % 2]} months · "
        + ("Debt consolidation", "Home improvement", "Car", "Medical")[number % 4]
        for number in range(APPLICATIONS)
    }


def test_a_typo_is_mended_before_anything_is_recorded(page: Page):
    entries = ("62", "3 y", "mort", "9000", "36", "debt", "7050", "", "17.5", "", "1", "0", "0")
    type_into_form(page, entries)
    expect(page.get_by_text("Enter a whole number from 300 to 850", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="FICO score (low)").press("Enter")
    expect(page.get_by_label("FICO score (low)", exact=True)).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("705")
    page.keyboard.press("Enter")
    review = page.get_by_role("dialog", name="Please check these values")
    expect(review).to_contain_text("Annual income: $62")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # "Go back"
    expect(page.get_by_label("Annual income", exact=True)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("000")
    page.keyboard.press("Enter")
    decided(page)
    expect(page.locator(".application-groups")).to_contain_text("$62,000")
    expect(page.locator(".application-groups")).to_contain_text("705 to 709")
    next_form(page)


def test_a_decline_is_explained_and_printed_on_one_page(page: Page):
    type_into_form(page, DECLINED + REFERENCES)
    page.keyboard.press("Shift+Tab")  # from the list of bureau states, where Enter opens it, to the references
    page.keyboard.press("Enter")
    review = page.get_by_role("dialog", name="Please check these values")
    expect(review).to_contain_text("Requested amount: $36,000")
    review.get_by_role("button", name="Confirm and assess").press("Enter")
    decided(page)
    expect(page.locator(".counterfactual-result")).not_to_have_attribute("aria-busy", "true")
    headings = page.locator("main h2").all_inner_texts()
    of_notice = ["Reasons", "Notice to the applicant", "Next action", "What would lead to approval"]
    assert headings[:4] == of_notice
    assert headings.index("Score contributions") > headings.index("Failed policy rules")
    expect(page.locator(".next-action")).to_contain_text("Send an adverse action notice")
    assert page.locator(".numbered li").count() >= 4
    for paper in ("A4", "Letter"):
        pdf = page.pdf(format=paper, print_background=True)
        assert re.findall(rb"/Type /Pages\b.*?/Count (\d+)", pdf, re.S) == [b"1"], paper


def test_a_decision_is_found_by_the_callers_reference(page: Page):
    page.get_by_role("link", name="Decisions", exact=True).press("Enter")
    page.get_by_label("Search").fill("LN-007")
    rows = page.locator("table.list-table tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("$12,750")
    rows.get_by_role("link").press("Enter")
    decided(page)
    record = page.get_by_role("region", name="Record")
    expect(record).to_contain_text("LN-007")


def test_a_referral_with_its_options_also_fits_one_page(page: Page):
    next_form(page)
    type_into_form(page, ("50000", "5 y", "mort", "10000", "36", "debt", "700", "", "30", "25", "4", "0", "0"))
    page.keyboard.press("Enter")
    decided(page)
    expect(page.locator(".outcome-title")).to_have_text("Referred")
    page.locator(".option-list li").nth(1).wait_for()
    expect(page.locator(".next-action")).to_contain_text("Wait for an underwriter's decision.")
    for paper in ("A4", "Letter"):
        pdf = page.pdf(format=paper, print_background=True)
        assert re.findall(rb"/Type /Pages\b.*?/Count (\d+)", pdf, re.S) == [b"1"], paper
