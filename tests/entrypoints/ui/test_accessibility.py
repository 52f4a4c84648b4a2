"""Every page without findings of axe-core and no wider than the window: phone and desktop, light and dark."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from ui_lender import PASSWORD
from ui_service import served

from support.real_browser import NEEDS_CHROMIUM, chromium

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]

SIZES = ((390, 844), (1440, 900))
THEMES = ("light", "dark")
OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
ACCEPTED = {
    "region": "#q-portal--menu--",  # an open list of choices belongs to its field, which is in a landmark
}
"""What axe-core reports for no fault: by rule, how the selector of the element begins."""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""By how many pixels the page is wider than the window."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("interface"), decisions=30) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def window(browser: Browser, address: str) -> Page:
    page = browser.new_page(base_url=address, reduced_motion="reduce")
    page.set_default_timeout(15_000)
    return page


@pytest.fixture
def dark_window(browser: Browser, address: str) -> Iterator[Page]:
    """A browser of a system with a dark theme, without a choice of its own."""
    page = browser.new_page(base_url=address, color_scheme="dark")
    page.set_default_timeout(15_000)
    yield page
    page.close()


def log_in(page: Page, name: str) -> None:
    page.context.clear_cookies()
    page.goto("/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/login"))


def check(page: Page, name: str) -> None:
    """Fail with each finding, its element and what axe-core says about it, and if the page scrolls sideways."""
    found = []
    modal = "[aria-modal=true]"  # what is behind an open dialog is dimmed and cannot be reached
    context = {"include": [[modal]]} if page.locator(modal).count() else None
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if (wider := page.evaluate(WIDER)) > 0:
                found.append(f"{name}, {theme}, {width} px: the page is {wider} px wider than the window")
            for rule in Axe().run(page, context=context, options=OPTIONS).response["violations"]:
                for node in rule["nodes"]:
                    if node["target"][0].startswith(ACCEPTED.get(rule["id"], "none")):
                        continue
                    where = f"{name}, {theme}, {width} px: {rule['id']} at {node['target']}"
                    found.append(f"{where}\n  {node['html'][:200]}\n  {node['failureSummary']}")
    assert not found, "\n".join(found)


def nothing(_: Page) -> None:
    """Leave the page as it opens."""


def submit_empty(page: Page) -> None:
    page.get_by_role("button", name="Assess application").click()
    page.get_by_text("Please correct").wait_for()


def open_applicant_page(page: Page) -> None:
    page.goto(page.request.get("/test/applicant").json())
    page.get_by_role("heading", name="We could not approve your application").wait_for()


def mistype_correction(page: Page) -> None:
    open_applicant_page(page)
    page.get_by_label("Annual income").fill("a lot")
    page.get_by_role("button", name="Review your correction").click()
    page.get_by_text("This is not a number.").wait_for()


def review_correction(page: Page) -> None:
    open_applicant_page(page)
    page.get_by_label("Annual income").fill("90,000")
    page.get_by_label("Is anything else wrong?").fill("The public record is not mine.")
    page.get_by_role("button", name="Review your correction").click()
    page.get_by_role("heading", name="Review before you send").wait_for()


def send_correction(page: Page) -> None:
    review_correction(page)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Your requests").wait_for()


def make_link(page: Page) -> None:
    page.locator("table.list-table tbody tr").first.click()
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("dialog", name="The applicant's link").wait_for()


def open_request(page: Page) -> None:
    """The case that answers an applicant, claimed by the viewer."""
    send_correction(page)
    page.goto("/cases?view=queue&request=yes")
    page.locator("a.row-link").first.click()
    page.get_by_role("heading", name="Applicant's request").wait_for()
    page.get_by_role("button", name="Claim").first.click()
    page.get_by_role("button", name="Accept the correction").click()
    page.get_by_role("dialog", name="Accept the correction?").wait_for()
    page.get_by_role("button", name="Go back").click()
    page.get_by_role("dialog").wait_for(state="detached")


def open_choices(page: Page) -> None:
    page.get_by_label("Outcome", exact=True).click()
    page.locator(".q-menu").get_by_role("option").first.wait_for()


def review(page: Page) -> None:
    page.get_by_role("button", name="Use sample data").click()
    expect(page.get_by_label("Annual income", exact=True)).to_have_value("50,000")
    page.get_by_label("Annual income", exact=True).fill("62")
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Please check these values").wait_for()


def restore(page: Page) -> None:
    page.get_by_label("Annual income", exact=True).fill("61,000")
    page.wait_for_timeout(600)  # until the draft is kept
    page.reload()
    page.get_by_text("Your entries were restored").wait_for()
    page.get_by_role("button", name="Clear form").wait_for()


def open_decision(page: Page) -> None:
    page.locator("table.list-table tbody tr").first.click()
    page.get_by_role("heading", name="Score contributions").wait_for()
    page.locator(".counterfactual .loading").wait_for(state="detached")


def try_what_if(page: Page) -> None:
    open_decision(page)
    page.get_by_label("Requested amount", exact=True).first.fill("2,000")
    page.locator(".what-if-table").wait_for()


def reproduce(page: Page) -> None:
    open_decision(page)
    page.get_by_role("button", name="Reproduce").click()
    page.locator(".result .alert").wait_for()


def open_application(page: Page) -> None:
    page.locator("table.list-table tbody tr").first.click()
    page.get_by_role("heading", name="What happened").wait_for()


def ask_to_accept(page: Page) -> None:
    open_application(page)
    page.get_by_role("button", name="Record acceptance").click()
    page.get_by_role("heading", name="Record the acceptance?").wait_for()


def accept(page: Page) -> None:
    ask_to_accept(page)
    page.get_by_role("dialog").get_by_role("button", name="Record acceptance").click()
    page.get_by_text("The applicant accepted").first.wait_for()


def ask_to_withdraw(page: Page) -> None:
    open_application(page)
    page.get_by_role("button", name="Withdraw application").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw application").click()
    page.get_by_text("Select an option").wait_for()


def show_tables(page: Page) -> None:
    page.get_by_role("heading", name="Outcomes").wait_for()
    for summary in page.get_by_text("Show as table").all():
        summary.click()


def upload(page: Page) -> None:
    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name="Choose a file").click()
    opened.value.set_files({"name": "loans.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    page.get_by_role("heading", name="loans.csv").wait_for()


def ask_to_cancel(page: Page) -> None:
    upload(page)
    page.get_by_role("button", name="Cancel batch").click()
    page.get_by_role("heading", name="Cancel this batch?").wait_for()


def upload_empty(page: Page) -> None:
    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name="Choose a file").click()
    opened.value.set_files({"name": "empty.csv", "mimeType": "text/csv", "buffer": b""})
    page.get_by_text("File not accepted").wait_for()


def verify(page: Page) -> None:
    page.locator(".event-table tbody tr").first.wait_for()
    page.get_by_role("button", name="Verify everything").click()
    page.get_by_text("Verified, no issues").wait_for()


def add_user(page: Page) -> None:
    page.get_by_label("Username").fill(f"user {uuid4().hex}")
    page.get_by_label("Role", exact=True).click()
    page.get_by_role("option", name="Auditor").click()
    page.get_by_role("button", name="Add user").click()
    page.locator(".password").wait_for()


def ask_to_reset(page: Page) -> None:
    page.get_by_role("button", name="Reset password").click()
    page.get_by_role("heading", name="Reset the password of").wait_for()


def open_report(page: Page) -> None:
    verify(page)
    page.goto("/audit")
    page.locator("a[href*='/audit/verifications/']").first.click()
    page.wait_for_url("**/audit/verifications/*")
    page.locator("h1").wait_for()


def fail_to_log_in(page: Page) -> None:
    page.get_by_label("Username").fill("marta")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("Incorrect username or password").wait_for()


def mistype_new_password(page: Page) -> None:
    for label, text in (
        ("Current password", PASSWORD),
        ("New password", "a" * 20),
        ("Confirm new password", "b" * 20),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.keyboard.press("Enter")
    page.get_by_text("Password not changed").wait_for()


def open_case(page: Page) -> None:
    page.locator("a.row-link").first.click()
    page.get_by_role("heading", name="Timeline").wait_for()


def resolve_form(page: Page) -> Locator:
    return page.get_by_role("region", name="Resolve")


def hold_case(page: Page, outcome: str) -> None:
    """Hold the case that is held already, or the next one, and select an outcome."""
    held = page.locator("a.row-link")
    held.or_(page.get_by_text("You hold no case")).first.wait_for()
    if held.count():
        open_case(page)
    else:
        page.get_by_role("button", name="Next case").click()
        page.get_by_role("heading", name="Timeline").wait_for()
    resolve_form(page).get_by_label("Decision").select_option(outcome)


def resolve_incompletely(page: Page) -> None:
    hold_case(page, "approved")
    page.locator(".authority").wait_for()
    page.locator(".decision-form button[type=submit]:visible").click()
    resolve_form(page).get_by_text("Required", exact=True).first.wait_for()


def prepare_counter_offer(page: Page) -> None:
    hold_case(page, "counter_offer")
    page.get_by_role("button", name="Enter by hand").click()
    page.get_by_label("SHA-256").wait_for()


def propose(page: Page) -> None:
    hold_case(page, "approved")
    form = resolve_form(page)
    form.get_by_label("Reason").select_option("INCOME_VERIFIED")
    form.get_by_label("Explanation").fill("Three payslips were checked.")
    form.get_by_label("Conditions").fill("Proof of insurance")
    form.get_by_role("button", name="Propose").click()
    page.get_by_role("region", name="Proposed resolution").wait_for()


def hold_proposal(page: Page) -> None:
    open_case(page)
    claim = page.get_by_role("button", name="Claim")
    if claim.count():
        claim.click()
    page.get_by_role("button", name="Refuse").click()
    page.get_by_text("Say why you refuse").wait_for()


def ask_to_reassign(page: Page) -> None:
    open_case(page)
    page.get_by_role("button", name="Reassign").click()
    page.get_by_role("heading", name="Reassign this case?").wait_for()


def approve(page: Page) -> None:
    open_case(page)
    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_role("region", name="Final decision").wait_for()


def ask_to_waive(page: Page) -> None:
    open_case(page)
    page.get_by_role("button", name="Waive: condition 1").click()
    page.get_by_role("heading", name="Waive this condition?").wait_for()


def ask_for_review(page: Page) -> None:
    open_decision(page)
    page.get_by_role("button", name="Open a review").click()
    page.get_by_role("heading", name="Open a review?").wait_for()


def open_notice(page: Page) -> None:
    page.locator("a.row-link").first.click()
    page.locator("iframe").wait_for()


def open_notice_to_read(page: Page) -> None:
    page.locator("a.row-link").first.click()
    page.get_by_text("Letter not issued yet").wait_for()


def ask_to_issue(page: Page) -> None:
    open_notice(page)
    page.get_by_role("button", name="Issue letter").click()
    page.get_by_role("heading", name="Issue this letter?").wait_for()


def issue_notice(page: Page) -> None:
    ask_to_issue(page)
    page.get_by_role("dialog").get_by_role("button", name="Issue letter").click()
    page.get_by_text("issued the letter").wait_for()
    page.locator("iframe[title='Letter as issued']").wait_for()


def ask_for_delivery(page: Page) -> None:
    open_notice(page)
    page.get_by_role("button", name="Record delivery").click()
    page.get_by_role("dialog").get_by_role("button", name="Record delivery").click()
    page.get_by_text("Select an option").wait_for()


def deliver(page: Page) -> None:
    ask_for_delivery(page)
    page.get_by_role("dialog").get_by_label("Method").select_option("mail")
    page.get_by_role("dialog").get_by_role("button", name="Record delivery").click()
    page.get_by_text("recorded the delivery").wait_for()


def see_outcomes(page: Page) -> None:
    page.request.get("/test/loans")
    page.goto("/outcomes")
    page.get_by_role("heading", name="Expected and observed default").wait_for()


def import_outcomes(page: Page) -> None:
    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name="Choose a file").click()
    content = b"application_reference,status,as_of\nLN-1,Current,2026-10-31\n"
    opened.value.set_files({"name": "october.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("heading", name="october.csv").wait_for()


def open_import(page: Page) -> None:
    see_outcomes(page)
    page.locator("a.row-link").first.click()
    page.get_by_role("heading", name="Refused rows").wait_for()


def open_loan(page: Page) -> None:
    see_outcomes(page)
    page.goto("/applications?state=accepted&reference=corrected")
    open_application(page)
    page.get_by_role("heading", name="Loan", exact=True).wait_for()


def correct_outcome(page: Page) -> None:
    open_loan(page)
    page.get_by_role("button", name="Correct outcome 3").click()
    page.get_by_role("button", name="Record correction").click()
    page.get_by_role("dialog").get_by_text("Required").first.wait_for()


PAGES: tuple[tuple[str, str, str, Callable[[Page], None]], ...] = (
    ("", "/login", "log in", nothing),
    ("", "/login", "failed log-in", fail_to_log_in),
    ("", "/absent", "not found, logged out", nothing),
    ("", "/applicant/x", "an applicant's link that is not valid", nothing),
    ("marta", "/account", "own password", nothing),
    ("marta", "/account", "own password with an error", mistype_new_password),
    ("marta", "/", "new application", nothing),
    ("marta", "/", "new application with errors", submit_empty),
    ("marta", "/", "unusual values", review),
    ("marta", "/", "restored entries", restore),
    ("marta", "/decisions", "open list of choices", open_choices),
    ("marta", "/absent", "not found", nothing),
    ("marta", "/audit", "permission denied", nothing),
    ("marta", "/decisions", "decisions", nothing),
    ("marta", "/decisions?text=unfindable", "no decisions", nothing),
    ("marta", "/decisions?trial=no&sort=pd&from=2026-01-01&pd_from=0.01", "filters from a chart", nothing),
    ("marta", "/decisions?outcome=approved", "approved decision", open_decision),
    ("marta", "/decisions?outcome=referred", "referred decision", open_decision),
    ("marta", "/decisions?outcome=declined", "declined decision, reproduced", reproduce),
    ("marta", "/decisions?outcome=declined", "declined decision with another amount", try_what_if),
    ("marta", "/applications", "applications", nothing),
    ("marta", "/applications?reference=unfindable", "no applications", nothing),
    ("marta", "/applications?state=approved", "acceptance of an offer", ask_to_accept),
    ("marta", "/applications?state=referred", "withdrawal of an application", ask_to_withdraw),
    ("marta", "/applications?state=approved", "accepted application", accept),
    ("rui", "/overview", "overview", show_tables),
    ("rui", "/overview?since=2001-01-01&until=2001-01-05", "empty overview", nothing),
    ("rui", "/overrides", "no overrides", nothing),
    ("rui", "/outcomes", "no outcomes", nothing),
    ("rui", "/outcomes", "outcomes", see_outcomes),
    ("rui", "/outcomes", "import of outcomes", open_import),
    ("rui", "/outcomes", "queued import of outcomes", import_outcomes),
    ("rui", "/outcomes", "loan with outcomes", open_loan),
    ("rui", "/outcomes", "correction of an outcome with an error", correct_outcome),
    ("uma", "/cases", "no case of one's own", nothing),
    ("uma", "/cases?view=queue", "queue of cases", nothing),
    ("uma", "/cases?view=queue", "free case", open_case),
    ("uma", "/cases", "held case with errors", resolve_incompletely),
    ("uma", "/cases", "counter-offer with a document", prepare_counter_offer),
    ("uma", "/cases", "proposal", propose),
    ("sara", "/cases?view=second-approval", "second approval", hold_proposal),
    ("sara", "/cases?view=second-approval", "reassignment", ask_to_reassign),
    ("sara", "/cases?view=second-approval", "final decision", approve),
    ("sara", "/cases?view=finished", "waiver of a condition", ask_to_waive),
    ("sara", "/cases?view=quality", "quality reviews", nothing),
    ("uma", "/decisions?outcome=declined", "review of a decision", ask_for_review),
    ("marta", "/decisions", "an applicant's page", open_applicant_page),
    ("marta", "/decisions", "an applicant's form with an error", mistype_correction),
    ("marta", "/decisions", "an applicant's review", review_correction),
    ("marta", "/decisions", "an applicant's open request", send_correction),
    ("cora", "/notices", "notices", nothing),
    ("cora", "/notices?view=overdue", "no overdue notice", nothing),
    ("marta", "/notices", "notice for readers", open_notice_to_read),
    ("cora", "/notices", "issue of a letter", ask_to_issue),
    ("cora", "/notices", "issued letter", issue_notice),
    ("cora", "/notices?view=issued", "delivery of a letter", ask_for_delivery),
    ("cora", "/notices?view=issued", "delivered letter", deliver),
    ("cora", "/applications?state=declined", "application with a notice", open_application),
    ("rui", "/batches", "no batches", nothing),
    ("rui", "/batches", "rejected file", upload_empty),
    ("rui", "/batches", "batch", upload),
    ("rui", "/batches", "cancellation of a batch", ask_to_cancel),
    ("rui", "/batches", "batches", nothing),
    ("arthur", "/audit", "audit trail, verified", verify),
    ("arthur", "/audit", "report of a verification", open_report),
    ("admin", "/overview", "page of another role", nothing),
    ("admin", "/users", "users", nothing),
    ("admin", "/users", "added user", add_user),
    ("admin", "/user?name=rui", "user", nothing),
    ("admin", "/user?name=rui", "confirmation of a change", ask_to_reset),
    ("admin", "/user?name=admin", "own user", nothing),
    ("marta", "/sessions", "own sessions", nothing),
    ("uma", "/cases?view=queue&request=yes", "an applicant's request", open_request),
    ("marta", "/applications?state=declined", "an applicant's link", make_link),
)


@pytest.mark.parametrize(("user", "path", "name", "act"), PAGES, ids=[page[2] for page in PAGES])
def test_axe_finds_nothing(window: Page, user: str, path: str, name: str, act: Callable[[Page], None]):
    window.emulate_media(color_scheme="light")
    window.set_viewport_size({"width": 1440, "height": 900})
    if user:
        log_in(window, user)
    else:
        window.context.clear_cookies()
    window.goto(path)
    window.locator("h1").first.wait_for()
    act(window)
    check(window, name)


def test_every_page_is_examined(window: Page, address: str):
    log_in(window, "rui")
    served = set(window.request.get("/test/routes").json()) | set(window.request.get("/test/public").json())
    opened = {path.partition("?")[0] for _, path, _, _ in PAGES} | {
        "/decisions/{decision_id}",
        "/applications/{application_id}",
        "/batches/{batch_id}",
        "/outcomes/imports/{import_id}",
        "/cases/{case_id}",
        "/applicant/{token}",
        "/notices/{notice_id}",
    }
    opened |= {"/audit/verifications/{verification_id}"}
    pages = {path for path in served if not path.startswith(("/_nicegui", "/assets", "/auto_index", "/test"))}
    files = {path for path in pages if path.rpartition(".")[2] in {"csv", "ico", "json", "pdf", "zip"}}
    others = {"", "/logout", "/health/live"}
    assert pages - files - others - opened == set(), "add these pages to PAGES"


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_theme_follows_the_system_until_the_user_chooses_one(dark_window: Page):
    page = dark_window
    page.goto("/login")
    dark = background(page)
    page.emulate_media(color_scheme="light")
    light = background(page)
    assert light != dark

    log_in(page, "marta")
    page.get_by_role("button", name="Color theme: automatic").click()
    page.get_by_role("button", name="Color theme: dark").wait_for()
    assert background(page) == dark
    page.reload()
    page.get_by_role("button", name="Color theme: dark").wait_for()
    assert background(page) == dark, "the choice is remembered"
    page.emulate_media(color_scheme="light", media="print")
    paper = background(page)
    page.emulate_media(color_scheme="dark", media="print")
    assert background(page) == paper == "rgb(255, 255, 255)", "print is always light"

    page.emulate_media(color_scheme="light", media="screen")
    page.get_by_role("button", name="Color theme: dark").click()
    page.emulate_media(color_scheme="dark")
    assert background(page) == light, "light was chosen"
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Color theme: light").click()
    page.get_by_role("button", name="Color theme: automatic").wait_for()
    page.emulate_media(color_scheme="dark")
    assert background(page) == dark, "the system's theme again"


def test_an_open_list_of_choices_is_dark_too(dark_window: Page):
    page = dark_window
    log_in(page, "marta")
    page.goto("/decisions")
    open_choices(page)
    menu = page.locator(".q-menu").evaluate("(it) => getComputedStyle(it).backgroundColor")
    card = page.locator(".card").first.evaluate("(it) => getComputedStyle(it).backgroundColor")
    assert menu == card
