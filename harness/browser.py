"""A browser that uses the web interface as a loan officer does."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_CHROMIUM = "Chromium is not installed: install the package chromium"

_TYPED = {
    "Annual income": "47,500",
    "Requested amount": "14,000",
    "FICO score (low)": "675",
    "Debt-to-income ratio": "22.4",
    "Revolving utilization (optional)": "71.5",
    "Inquiries": "2",
    "Delinquencies": "0",
    "Public records": "0",
}
_CHOSEN = {
    "Length of employment": "6 years",
    "Home ownership": "Rent",
    "Repayment term": "36 months",
    "Loan purpose": "Debt consolidation",
}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        try:
            yield browser
        finally:
            browser.close()


def log_in(page: Page, address: str, user: str, password: str) -> None:
    """Log in at the web interface, which shows the form for an application."""
    page.goto(f"{address}/login")
    page.fill("input[name=name]", user)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_selector("form.application")


def assess(page: Page) -> None:
    """Submit an application on the form, and wait for its decision with what would change it."""
    for label, value in _TYPED.items():
        page.get_by_label(label, exact=True).fill(value)
    for label, value in _CHOSEN.items():
        page.get_by_label(label, exact=True).select_option(label=value)
    page.get_by_role("button", name="Assess application").click()
    page.wait_for_selector(".outcome-panel")
    page.wait_for_selector(".option-list")


def decide_in_browser(port: int, user: str, password: str) -> None:
    """Log in at the web interface on this port of this machine, and submit an application."""
    with chromium() as browser:
        page = browser.new_page()
        log_in(page, f"http://127.0.0.1:{port}", user, password)
        assess(page)
