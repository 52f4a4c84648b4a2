"""The cache stops or hangs: decisions continue unaffected, and the health check reports it."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.embedded import EmbeddedValkey
from domain.access.user import Role
from harness.browser import chromium, log_in
from harness.callers import Callers
from harness.polling import eventually
from harness.records import recorded_decisions
from harness.running_service import Service
from support.real_browser import NEEDS_CHROMIUM
from support.starting import Start

pytestmark = pytest.mark.timeout(30)


def stopped(cache: EmbeddedValkey) -> Callable[[], object]:
    cache.stop()
    return cache.start


def frozen(cache: EmbeddedValkey) -> Callable[[], object]:
    pid = cache.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    return lambda: os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("take_away", [stopped, frozen])
def test_decisions_continue_without_the_cache(
    tmp_path: Path, start: Start, take_away: Callable[[EmbeddedValkey], Callable[[], object]]
) -> None:
    with EmbeddedValkey(tmp_path / "elsewhere") as cache:
        service = start(tmp_path / "data", SCORING_REDIS_URL=cache.url, SCORING_PREDICTION_CACHE="shared")
        with Callers(service) as callers:
            result = callers.result
            eventually(lambda: len(result.decided) > 100)
            restore = take_away(cache)
            try:
                before = len(result.decided)
                eventually(lambda: service.dependencies()["cache"] == "down")
                eventually(lambda: len(result.decided) > before + 500)
                assert service.dependencies()["database"] == "up"
            finally:
                restore()
            eventually(lambda: service.dependencies()["cache"] == "up")
            before = len(result.decided)
            eventually(lambda: len(result.decided) > before + 100)
        assert result.refused == []
        assert result.cut == 0
        assert result.slowest < 1
        assert set(result.decided) == set(recorded_decisions(service.database_url))


IN_DOUBT: dict[str, Any] = {
    "annual_inc": 50_000.0,
    "emp_length": "5 years",
    "home_ownership": "MORTGAGE",
    "loan_amnt": 10_000.0,
    "term": "36 months",
    "purpose": "debt_consolidation",
    "fico_range_low": 665,
    "fico_range_high": 669,
    "dti": 15.5,
    "revol_util": 82.0,
    "inq_last_6mths": 2,
    "delinq_2yrs": 0,
    "pub_rec": 0,
}


class CounterfactualClient:
    """A client that repeatedly requests the counterfactual of a decision."""

    def __init__(self, service: Service) -> None:
        name, token = service.authorization_of("olga", Role.LOAN_OFFICER).split(": ")
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{service.api_port}", headers={name: token})
        self._metrics = f"http://127.0.0.1:{service.api_metrics_port}/metrics"
        self._path = ""
        self.slowest = 0.0

    def decide(self) -> None:
        """Submit an application that is declined."""
        made = self._client.post("/api/v1/predictions", json=IN_DOUBT).json()["prediction"]
        assert made["outcome"] != "approved"
        self._path = f"/api/v1/decisions/{made['decision_id']}/counterfactual"
        eventually(self._is_kept)

    def _is_kept(self) -> bool:
        """Whether the model that decided is archived, which the service does some time after its start."""
        return self._client.get(self._path.replace("counterfactual", "reproduction")).status_code != 409

    def ask(self) -> list[dict[str, Any]]:
        """Request the counterfactual, and check that it is answered."""
        began = time.monotonic()
        response = self._client.get(self._path)
        self.slowest = max(self.slowest, time.monotonic() - began)
        assert response.status_code == 200, response.text
        counterfactuals: list[dict[str, Any]] = response.json()["counterfactuals"]
        return counterfactuals

    def figure(self, event: str) -> float:
        """The events of the result cache so far."""
        wanted = f'scoring_cache_events_total{{cache="answers",event="{event}"}} '
        lines = httpx.get(self._metrics).text.splitlines()
        return next((float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted)), 0.0)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


@pytest.mark.timeout(60)  # the circuit breaker stays open for five seconds
@pytest.mark.parametrize("take_away", [stopped, frozen])
def test_counterfactuals_are_answered_without_the_cache(
    tmp_path: Path, start: Start, take_away: Callable[[EmbeddedValkey], Callable[[], object]]
) -> None:
    with EmbeddedValkey(tmp_path / "elsewhere") as cache:
        client = CounterfactualClient(start(tmp_path / "data", SCORING_REDIS_URL=cache.url))
        client.decide()
        counterfactuals = client.ask()
        assert len(counterfactuals) >= 2
        eventually(lambda: client.figure("stored") == 1)
        assert client.ask() == counterfactuals
        assert client.figure("hits") == 1
        restore = take_away(cache)
        try:
            client.slowest = 0.0
            for _ in range(20):
                assert client.ask() == counterfactuals
            assert client.slowest < 1
            assert client.figure("hits") == 1
            assert client.figure("failures") > 0
        finally:
            restore()
        eventually(lambda: client.ask() == counterfactuals and client.figure("hits") > 1)
        client.close()


@NEEDS_CHROMIUM
@pytest.mark.timeout(60)
def test_pages_open_while_the_cache_hangs(tmp_path: Path, start: Start) -> None:
    with EmbeddedValkey(tmp_path / "elsewhere") as cache, chromium() as browser:
        service = start(tmp_path / "data", without=("worker",), SCORING_REDIS_URL=cache.url)
        password = service.add_user("olga", Role.LOAN_OFFICER)
        context = browser.new_context()
        context.set_default_timeout(20_000)
        page = context.new_page()
        log_in(page, f"http://127.0.0.1:{service.ui_port}", "olga", password)
        restore = frozen(cache)
        try:
            began = time.monotonic()
            page = context.new_page()  # as in another tab of the browser
            page.goto(f"http://127.0.0.1:{service.ui_port}/")
            page.get_by_role("button", name="Use sample data").click()
            page.wait_for_function(
                "[...document.querySelectorAll('form.application input')].some(each => each.value === '50,000')"
            )
            seconds = time.monotonic() - began
        finally:
            restore()
    assert seconds < 5
