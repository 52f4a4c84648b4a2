"""`scoring up`: from an empty folder to a decision, through kills and restarts, to a clean stop."""

import asyncio
import contextlib
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import psutil
import pytest

from domain.access.user import Role
from domain.month import Month
from harness.polling import eventually
from harness.records import recorded_decisions
from harness.running_service import SCORING, Service, clean_environment, free_ports
from support.engines import execute
from support.other_models import CHAMPION
from support.starting import API_ALONE

pytestmark = pytest.mark.timeout(120)


@contextmanager
def service(data_dir: Path, *, without: Sequence[str] = (), **settings: str) -> Iterator[Service]:
    running = Service(data_dir, without=without, **settings)
    try:
        yield running
    finally:
        running.close()


def test_decisions_survive_the_kill_of_every_process(tmp_path: Path) -> None:
    with service(tmp_path) as first:
        assert "First user" in first.startup_output
        answer = first.decide()
        assert answer["success"] is True
        family = first.family()
        assert {"postgres", "valkey-server"} <= {process.name() for process in family}
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=10)
    with service(tmp_path) as second:
        assert "First user" not in second.startup_output
        found = second.get(f"/api/v1/decisions/{answer['request_id']}")
        assert found["prediction"] == answer["prediction"]
        second.decide()
        assert second.get("/api/v1/decisions")["total"] == 2
        verified = second.run("audit", "verify")
        assert verified.returncode == 0, verified.stderr
        assert re.match(r"\d+ entries in \d+ chains and \d+ checkpoints? verified: no issues\.\n", verified.stdout)
        assert len(recorded_decisions(second.database_url)) == 2
        recorded = second.run("audit", "events")
        for action in ("user added", "policy activated", "settings changed", "audit trail verified"):
            assert f"  {action}  " in recorded.stdout
        assert " None" not in recorded.stdout
        added = second.run("audit", "events", "--kind", "user added", "--subject", "admin")
        assert re.fullmatch(r".*  user added  admin  .*\n1 event\.\n", added.stdout), added.stderr
        officer = second.authorization_of("olga", Role.LOAN_OFFICER)
        path = f"/api/v1/decisions/{answer['request_id']}/reproduction"
        reproduced = second.get(path, authorization=officer)
        assert reproduced["identical"] is True
        again = second.run("reproduce", answer["request_id"])
        assert again.returncode == 0, again.stderr
        assert again.stdout.endswith("under model 1.2.0 and policy 3: identical to the last bit.\n")
        assert second.run("reproduce", "00000000-0000-0000-0000-000000000000").returncode == 2
        key = second.run("audit", "key").stdout.strip()
        assert len(bytes.fromhex(key)) == 32
        second.run("audit", "checkpoint")
        assert second.run("audit", "checkpoint").stdout == "Nothing was added since the last checkpoint.\n"
        verified = second.run("audit", "verify", "--key", key)
        assert verified.returncode == 0, verified.stdout
        assert f"signed with {key}." in verified.stdout
        assert second.run("audit", "verify", "--key", "00" * 32).returncode == 1
        assert second.run("audit", "verify", "--key", "no key").returncode == 2
        verified = second.run("audit", "verify", "--archived", "2024-12", "--archived", "2025-01")
        assert "0 archived records of 2024-12, 2025-01 not verified.\n" in verified.stdout
        assert verified.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_every_process_within_ten_seconds(tmp_path: Path, number: int) -> None:
    with service(tmp_path, SCORING_ADMIN_PASSWORD="a long enough password") as running:
        assert "SCORING_ADMIN_PASSWORD" in running.startup_output
        assert "a long enough password" not in running.startup_output
        running.decide()
        family = running.family()
        began = time.monotonic()
        assert running.stop(number) == 0
        assert time.monotonic() - began < 10
        _, alive = psutil.wait_procs(family, timeout=2)
        assert not alive
        verified = running.run("audit", "verify")
        assert re.match(r"\d+ entries in \d+ chains and \d+ checkpoints? verified: no issues\.", verified.stdout)


def test_a_killed_api_is_restarted(tmp_path: Path) -> None:
    with service(tmp_path, without=["worker"]) as running:
        running.decide()
        api = next(process for process in running.family() if "api" in process.cmdline())
        api.kill()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                assert running.decide()["success"] is True
                break
            except subprocess.CalledProcessError:
                time.sleep(0.1)
        assert running.get("/api/v1/decisions")["total"] == 2


def test_an_excluded_process_does_not_run_or_need_its_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with service(tmp_path, without=API_ALONE, SCORING_WORKER_METRICS_PORT=port) as running:
            assert running.decide()["success"] is True
            assert "Web interface" not in running.startup_output
            commands = [process.cmdline() for process in running.family()]
            assert [word for command in commands for word in command if word in {"api", "ui", "worker"}] == ["api"]


def test_the_service_creates_upcoming_partitions_and_purges_idempotency_keys(tmp_path: Path) -> None:
    ahead = Month.of(datetime.now(UTC)).later(3)
    missing = f"SELECT to_regclass('decisions_{ahead.year}_{ahead.number:02}') IS NULL"
    with service(tmp_path, without=API_ALONE, SCORING_IDEMPOTENCY_RETENTION_DAYS="7") as running:
        url = running.database_url
        assert query(url, missing) is False
        execute(url, f"DROP TABLE decisions_{ahead.year}_{ahead.number:02}")
        assert query(url, missing) is True
        for days in (6, 8):
            execute(
                url,
                "INSERT INTO idempotency_keys SELECT 'broker', key, sha256('request'), gen_random_uuid(), "  # noqa: S608 - not user input
                f"now() - interval '{days} days' FROM generate_series({days}0000, {days}2500) AS key",
            )
        next(
            process for process in running.family() if "api" in process.cmdline()
        ).kill()  # so that its periodic tasks run again
        eventually(lambda: not query(url, missing))
        eventually(lambda: query(url, "SELECT max(key) FROM idempotency_keys") == "62500")
        assert query(url, "SELECT count(*) FROM idempotency_keys") == 2501


def query(url: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_a_killed_database_is_restarted_for_the_running_api(tmp_path: Path) -> None:
    with service(tmp_path, without=API_ALONE) as running:
        first = running.decide()
        next(process for process in running.family() if process.name() == "postgres").kill()
        deadline = time.monotonic() + 20
        answer = running.decide()
        while not answer.get("success") and time.monotonic() < deadline:
            assert answer["status"] == 503
            time.sleep(0.1)
            answer = running.decide()
        assert answer["prediction"]["probability"] == first["prediction"]["probability"]
        assert running.get("/api/v1/decisions")["total"] == 2


@pytest.mark.parametrize("variable", ["SCORING_API_PORT", "SCORING_UI_METRICS_PORT"])
def test_a_port_in_use_is_reported_before_anything_starts(tmp_path: Path, variable: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        api, ui = map(str, free_ports(2))
        ports = {"SCORING_API_PORT": api, "SCORING_UI_PORT": ui, variable: port}
        environment = clean_environment(SCORING_DATA_DIR=str(tmp_path), **ports)
        refused = subprocess.run(
            [*SCORING, "up"], env=environment, capture_output=True, text=True, check=False, timeout=30
        )
    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
    assert variable in refused.stderr
    assert not (tmp_path / "postgres").exists()


def test_all_invalid_settings_are_reported_and_nothing_starts(tmp_path: Path) -> None:
    environment = clean_environment(
        SCORING_DATA_DIR=str(tmp_path), SCORING_API_PORT="no", SCORING_MODEL_DIR="nowhere", SCORING_REDIS_ULR="x"
    )
    refused = subprocess.run(
        [*SCORING, "up"], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert refused.returncode == 1
    for variable in ("SCORING_API_PORT", "SCORING_MODEL_DIR", "SCORING_REDIS_ULR"):
        assert variable in refused.stderr


def test_a_damaged_model_bundle_stops_the_start_and_the_file_is_named(tmp_path: Path) -> None:
    bundle = tmp_path / "model"
    bundle.mkdir()
    for name, content in (CHAMPION | {"trees.txt": b"oak"}).items():
        (bundle / name).write_bytes(content)
    api, ui = free_ports(2)
    environment = clean_environment(
        SCORING_DATA_DIR=str(tmp_path / "data"),
        SCORING_MODEL_DIR=str(bundle),
        SCORING_API_PORT=str(api),
        SCORING_UI_PORT=str(ui),
    )
    refused = subprocess.run(
        [*SCORING, "up"], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert refused.returncode == 1
    assert "trees.txt: the content does not match SHA256SUMS" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_serve_requires_the_addresses_of_both_engines(tmp_path: Path) -> None:
    refused = subprocess.run(
        [*SCORING, "serve", "api"],
        env=clean_environment(SCORING_DATA_DIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert refused.returncode == 1
    assert "SCORING_DATABASE_URL is missing" in refused.stderr
    assert "SCORING_REDIS_URL is missing" in refused.stderr
