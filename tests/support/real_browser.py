"""Chromium for tests of pages."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

NEEDS_CHROMIUM = pytest.mark.skipif(
    _CHROMIUM is None, reason="there is no Chromium here: install the package chromium"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser, without a sandbox if run by root. Expectations wait 15 s, for a busy machine."""
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        with playwright.chromium.launch(executable_path=_CHROMIUM, args=sandbox) as browser:
            yield browser
