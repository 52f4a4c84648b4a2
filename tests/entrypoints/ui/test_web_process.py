"""The interface as a process: response headers and shutdown."""

import time
from pathlib import Path

import httpx
from ui_lender import PASSWORD
from ui_service import served


def test_pages_load_nothing_from_other_hosts_and_are_not_cached(tmp_path: Path):
    with served(tmp_path) as address:
        page = httpx.get(f"{address}/login")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert "https://" not in page.text
        with httpx.Client() as browser:
            logged_in = browser.post(f"{address}/login", data={"name": "marta", "password": PASSWORD})
            assert "httponly; samesite=lax" in logged_in.headers["set-cookie"]
            page = browser.get(f"{address}/")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert "https://" not in page.text.replace("https://nicegui.io", "")
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert httpx.get(f"{address}{path}").status_code == 404
        alive = httpx.get(f"{address}/health/live")
        assert alive.json()["status"] == "alive"
        assert "set-cookie" not in alive.headers
        started = time.monotonic()
    assert time.monotonic() - started < 10
    assert (tmp_path / "log").read_text().split() == ["opened", "closed"]
