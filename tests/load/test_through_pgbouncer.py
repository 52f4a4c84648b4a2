"""The whole service with PgBouncer in transaction mode in front of its database."""

import asyncio
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import asyncpg
import httpx
import pytest

from bench.applications import forms
from domain.access.user import Role
from harness.callers import Callers
from harness.pgbouncer import NO_PGBOUNCER, PGBOUNCER, pgbouncer
from harness.polling import eventually
from harness.records import audit_trail_verifies, each_recorded_once
from harness.running_service import SCORING, Service
from support.engines import drop_database, fresh_database

pytestmark = [pytest.mark.timeout(180), pytest.mark.skipif(PGBOUNCER is None, reason=NO_PGBOUNCER)]

SECRET_KEY = "PgBouncer-k8Xw2vQ9rT4mZ7pL1nB6yC3hJ5fD0sA2"
POOL_SIZE = 2
PERIOD = {"from": "2026-01-01", "to": "2027-01-01"}
_SESSIONS = (
    "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, valkey_server_url: str
) -> Iterator[Service]:
    url = fresh_database(postgres_url)
    with ExitStack() as stack:
        stack.callback(drop_database, postgres_url, url)
        (pooler_url,) = stack.enter_context(pgbouncer([url], pool_size=POOL_SIZE))
        running = Service(
            tmp_path_factory.mktemp("pooled"),
            SCORING_DATABASE_URL=url,
            SCORING_DATABASE_POOLER_URL=pooler_url,
            SCORING_REDIS_URL=valkey_server_url,
            SCORING_SECRET_KEY=SECRET_KEY,
        )
        stack.callback(running.close)
        yield running


@pytest.fixture
def api(service: Service) -> Iterator[httpx.Client]:
    name, _, value = service.authorization.partition(": ")
    with httpx.Client(
        base_url=f"http://127.0.0.1:{service.api_port}", headers={name: value}, timeout=20
    ) as client:
        yield client


def test_records_each_decision_once_while_reads_share_the_pooled_sessions(
    service: Service, api: httpx.Client
) -> None:
    name, _, value = service.authorization_of("marta", Role.RISK_MANAGER).partition(": ")
    with Callers(service, 8, keyed=True) as callers:
        eventually(lambda: len(callers.result.decided) > 200, within=60)
        paths = ["/api/v1/decisions?limit=20", "/api/v1/decisions?outcome=declined", "/api/v1/decisions?limit=1"]
        paths += [f"/api/v1/decisions/{each}" for each in callers.result.decided[:20]]
        with ThreadPoolExecutor(max_workers=8) as threads:
            statuses = list(threads.map(lambda path: api.get(path).status_code, 3 * paths))
        statuses.append(api.get("/api/v1/overview", params=PERIOD, headers={name: value}).status_code)
    assert set(statuses) == {200}
    assert not callers.result.refused
    assert each_recorded_once(callers.result.decided, service.database_url)
    assert audit_trail_verifies(service)


def test_repeats_the_first_answer_to_a_key(api: httpx.Client) -> None:
    application = forms(1, seed=5)[0]
    answers = [
        api.post("/api/v1/predictions", json=application, headers={"Idempotency-Key": "the-same"})
        for _ in range(3)
    ]
    assert len({answer.json()["prediction"]["decision_id"] for answer in answers}) == 1


def test_decides_a_batch(api: httpx.Client) -> None:
    rows = forms(300, seed=6)
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    batch = api.post("/api/v1/batches", content="\n".join(lines), headers={"Content-Type": "text/csv"}).json()

    def state() -> Any:
        return api.get(f"/api/v1/batches/{batch['batch_id']}").json()["state"]

    eventually(lambda: state() == "done", within=60)
    results = api.get(f"/api/v1/batches/{batch['batch_id']}/results").text.splitlines()
    assert len(results) == 1 + len(rows)


def test_users_log_in_and_change_their_password(service: Service, api: httpx.Client) -> None:
    password = service.add_user("mira", Role.LOAN_OFFICER)
    form = {"grant_type": "password", "username": "mira"}
    assert api.post("/api/v1/auth/token", data={**form, "password": "wrong"}).status_code == 400
    assert api.post("/api/v1/auth/token", data={**form, "password": password}).status_code == 200
    with httpx.Client(
        base_url=f"http://127.0.0.1:{service.ui_port}", follow_redirects=True, timeout=20
    ) as browser:
        browser.post("/login", data={"name": "mira", "password": password})
        assert browser.get("/decisions").url.path == "/decisions"
    changed = api.post(
        "/api/v1/auth/password",
        data={"username": "mira", "current_password": password, "new_password": "quite another phrase"},
    )
    assert changed.status_code == 204, changed.text
    assert api.post("/api/v1/auth/token", data={**form, "password": "quite another phrase"}).status_code == 200


def test_only_what_needs_a_session_connects_to_postgresql_itself(service: Service, api: httpx.Client) -> None:
    assert api.get("/api/v1/decisions").status_code == 200

    async def sessions() -> list[str]:
        connection = await asyncpg.connect(service.database_url)
        try:
            return [row["application_name"] for row in await connection.fetch(_SESSIONS)]
        finally:
            await connection.close()

    names = asyncio.run(sessions())
    pooled = [name for name in names if name.startswith("credit-scoring - ")]
    direct = [name for name in names if name == "credit-scoring"]
    assert 1 <= len(pooled) <= POOL_SIZE
    assert 2 <= len(direct) <= 3  # the ledgers of API and web interface, and a worker that has decided a batch


@pytest.mark.parametrize("command", [["serve", "api"], ["worker"], ["migrate"], ["audit", "verify"]])
def test_each_command_refuses_the_pooler_as_the_database(service: Service, command: list[str]) -> None:
    environment = dict(service.environment)
    environment["SCORING_DATABASE_URL"] = environment.pop("SCORING_DATABASE_POOLER_URL")
    refused = subprocess.run(
        [*SCORING, *command], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert refused.returncode == 1
    assert "SCORING_DATABASE_URL leads to a connection pooler in transaction mode" in refused.stderr
    assert "Traceback" not in refused.stderr
