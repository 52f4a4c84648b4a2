"""The interface as a process: sessions kept in Valkey, headers, and a short goodbye."""

import time
from pathlib import Path

import httpx
from redis import Redis
from ui_lender import PASSWORD
from ui_service import served


def longest_kept(url: str) -> int:
    """Seconds until everything there is forgotten; fails where something is kept for ever."""
    with Redis.from_url(url) as client:
        left = [int(client.ttl(key)) for key in client.scan_iter()]
    assert min(left) > 0
    return max(left)


def test_a_session_in_valkey_outlives_the_process(tmp_path: Path, valkey_url: str):
    with httpx.Client() as browser:
        with served(tmp_path, redis_url=valkey_url) as address:
            browser.post(f"{address}/login", data={"name": "marta", "password": PASSWORD})
            assert browser.get(f"{address}/").status_code == 200
            assert 29.9 < longest_kept(valkey_url) / 86_400 <= 30
            port = int(address.rsplit(":", 1)[1])
        with served(tmp_path, redis_url=valkey_url, port=port) as address:
            assert browser.get(f"{address}/").status_code == 200
            browser.post(f"{address}/logout")
            assert browser.get(f"{address}/").status_code == 303
    assert not (tmp_path / "storage").exists()


def test_pages_may_load_nothing_from_elsewhere_and_are_not_kept(tmp_path: Path):
    with served(tmp_path) as address:
        page = httpx.get(f"{address}/login")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert "https://" not in page.text
        with httpx.Client() as browser:
            begun = browser.post(f"{address}/login", data={"name": "marta", "password": PASSWORD})
            assert "httponly; samesite=lax" in begun.headers["set-cookie"]
            page = browser.get(f"{address}/")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert "https://" not in page.text.replace("https://nicegui.io", "")
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert httpx.get(f"{address}{path}").status_code == 404
        alive = httpx.get(f"{address}/health/live")
        assert alive.json()["status"] == "alive"
        assert "set-cookie" not in alive.headers
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert (tmp_path / "log").read_text().split() == ["opened", "closed"]
