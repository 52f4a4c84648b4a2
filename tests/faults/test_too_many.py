"""Rate limits of the running service: guessed passwords and floods of requests do not affect other clients."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.embedded import EmbeddedValkey
from domain.products.personal_loan import EXAMPLE
from harness.running_service import Service
from support.starting import Start

pytestmark = pytest.mark.timeout(90)
SECRET = "tU9v2mXqL7rZc4WbK1yHs8DfNp3GaEjQ0oIx"
PASSWORD = "correct horse battery"
FEW = {"SCORING_LOGIN_FAILURE_LIMIT": "4", "SCORING_ADMIN_PASSWORD": PASSWORD, "SCORING_SECRET_KEY": SECRET}


async def asks_for_token(
    service: Service, client: httpx.AsyncClient, password: str, **headers: str
) -> httpx.Response:
    form = {"grant_type": "password", "username": "admin", "password": password}
    return await client.post(f"http://127.0.0.1:{service.api_port}/api/v1/auth/token", data=form, headers=headers)


async def logs_in_by_hand(
    service: Service, client: httpx.AsyncClient, password: str, **headers: str
) -> httpx.Response:
    """Submit the login form of the web interface."""
    form = {"name": "admin", "password": password}
    return await client.post(f"http://127.0.0.1:{service.ui_port}/login", data=form, headers=headers)


def refusals(*metrics_ports: int) -> dict[str, float]:
    """Return how many requests each limit refused, summed over the metrics of these processes."""
    counted: Counter[str] = Counter()
    for port in metrics_ports:
        for family in text_string_to_metric_families(httpx.get(f"http://127.0.0.1:{port}/metrics").text):
            if family.name == "scoring_rate_limited":
                for sample in family.samples:
                    counted[sample.labels["limit"]] += sample.value
    return dict(counted)


def test_login_failures_are_limited_across_processes(tmp_path: Path, start: Start) -> None:
    service = start(tmp_path, without=["worker"], SCORING_API_WORKERS="2", **FEW)

    async def guess() -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            assert (await logs_in_by_hand(service, client, "guessed")).status_code == 400
            elsewhere = {"X-Forwarded-For": "203.0.113.1"}  # which any client can claim
            guesses = [asks_for_token(service, client, "guessed", **elsewhere) for _ in range(20)]
            statuses = Counter(answer.status_code for answer in await asyncio.gather(*guesses))
            assert statuses == {400: 3, 429: 17}
            refused = await asks_for_token(service, client, PASSWORD)
            assert refused.status_code == 429
            assert 1 <= int(refused.headers["Retry-After"]) <= 15 * 60 / 4
            page = await logs_in_by_hand(service, client, PASSWORD, **elsewhere)
            assert page.status_code == 429
            assert 1 <= int(page.headers["Retry-After"]) <= 15 * 60 / 4
            assert "Too many attempts" in page.text
            assert "Try again in 4 minutes." in page.text

    asyncio.run(guess())
    assert refusals(service.api_metrics_port, service.api_metrics_port + 1) == {"log_in": 18}
    assert refusals(service.ui_metrics_port) == {"log_in": 1}
    assert PASSWORD not in service.log


def test_login_attempts_are_counted_while_the_cache_is_down(tmp_path: Path, start: Start) -> None:
    with EmbeddedValkey(tmp_path / "elsewhere") as cache:
        service = start(
            tmp_path / "data",
            SCORING_REDIS_URL=cache.url,
            SCORING_PREDICTION_CACHE="shared",
            SCORING_API_WORKERS="2",
            **FEW,
        )
        cache.stop()
        assert service.dependencies()["cache"] == "down"

        async def guess() -> Counter[int]:
            async with httpx.AsyncClient(timeout=30) as client:
                guesses = [asks_for_token(service, client, "guessed") for _ in range(12)]
                return Counter(answer.status_code for answer in await asyncio.gather(*guesses))

        assert asyncio.run(guess()) == {400: 4, 429: 8}


def test_behind_a_trusted_proxy_each_client_has_its_own_limit(tmp_path: Path, start: Start) -> None:
    service = start(tmp_path, without=["worker"], SCORING_TRUSTED_PROXIES="127.0.0.0/8", **FEW)

    async def try_from(client: httpx.AsyncClient, forwarded_for: str, password: str) -> int:
        headers = {"X-Forwarded-For": forwarded_for}
        return (await asks_for_token(service, client, password, **headers)).status_code

    async def guess() -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            for number in range(4):  # what the attacker sent precedes what the proxy adds
                assert await try_from(client, f"192.0.2.{number}, 203.0.113.5", "guessed") == 400
            assert await try_from(client, "192.0.2.9, 203.0.113.5", PASSWORD) == 429
            page = await logs_in_by_hand(service, client, PASSWORD, **{"X-Forwarded-For": "203.0.113.5"})
            assert page.status_code == 429
            assert await try_from(client, "192.0.2.9", PASSWORD) == 200
            page = await logs_in_by_hand(service, client, PASSWORD, **{"X-Forwarded-For": "192.0.2.10"})
            assert page.headers["location"] == "/users"

    asyncio.run(guess())


def test_only_the_caller_that_exceeds_the_rate_limit_must_wait(tmp_path: Path, start: Start) -> None:
    service = start(
        tmp_path,
        SCORING_API_WORKERS="2",
        SCORING_RATE_LIMIT="1",
        SCORING_RATE_LIMIT_BURST="10",
        SCORING_SECRET_KEY=SECRET,
    )
    url = f"http://127.0.0.1:{service.api_port}/api/v1/predictions"
    tokens = {name: service.token_of(name) for name in ("flood", "portal", "branch")}

    async def decide(client: httpx.AsyncClient, user: str) -> httpx.Response:
        return await client.post(url, json=EXAMPLE, headers={"Authorization": f"Bearer {tokens[user]}"})

    async def run_load() -> tuple[list[httpx.Response], list[httpx.Response], float]:
        clock = asyncio.get_running_loop().time
        async with httpx.AsyncClient(timeout=30) as flood_client, httpx.AsyncClient(timeout=30) as other_client:
            started = clock()
            flood = asyncio.gather(*(decide(flood_client, "flood") for _ in range(60)))
            others = [await decide(other_client, name) for name in ("portal", "branch") for _ in range(5)]
            return await flood, others, clock() - started

    flood, others, seconds = asyncio.run(run_load())
    assert [answer.status_code for answer in others] == [200] * 10
    statuses = Counter(answer.status_code for answer in flood)
    assert set(statuses) == {200, 429}
    assert 10 <= statuses[200] <= 2 * (10 + seconds + 1)  # each process counts separately
    refused = next(answer for answer in flood if answer.status_code == 429)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:credit-scoring:problem:too-many-requests"
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["RateLimit"] == '"caller";r=0;t=1'
    assert refusals(service.api_metrics_port, service.api_metrics_port + 1) == {"requests": statuses[429]}
    lines = [line for line in service.log.splitlines() if "too-many-requests" in line]
    assert len(lines) == statuses[429]
    assert all("flood" in line for line in lines)
