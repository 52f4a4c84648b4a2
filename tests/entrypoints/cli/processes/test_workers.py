"""Several workers on one port: all of them decide, each on its own chain, and they end together."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.products.personal_loan import EXAMPLE
from entrypoints.cli.processes.workers import worker
from entrypoints.composition.processes import servers
from entrypoints.configuration.settings import Settings
from entrypoints.http.metrics_port import MetricsPortTaken
from harness.polling import eventually
from harness.records import recorded_decisions
from harness.running_service import Service
from support.databases import connected
from support.starting import API_ALONE

pytestmark = pytest.mark.timeout(120)
BURST = 64


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path, without=API_ALONE, SCORING_API_WORKERS="2")
    try:
        yield service
    finally:
        service.close()


def workers(service: Service) -> list[psutil.Process]:
    """The workers that listen, without their supervisor."""
    api = next(process for process in service.family() if "api" in process.cmdline())
    return [child for child in api.children() if lives(child) and "spawn_main" in " ".join(child.cmdline())]


def lives(process: psutil.Process) -> bool:
    """Whether the process is still running; its adoptive parent may be slow to reap it."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def decide_at_once(service: Service) -> list[httpx.Response]:
    """Concurrent decisions, each on a separate connection."""
    token = service.authorization.partition(": ")[2]
    async with httpx.AsyncClient(headers={"Authorization": token}, timeout=20) as client:
        url = f"http://127.0.0.1:{service.api_port}/api/v1/predictions"
        return await asyncio.gather(*(client.post(url, json=EXAMPLE) for _ in range(BURST)))


async def chains(service: Service) -> int:
    """How many audit chains of decisions there are."""
    async with connected(service.database_url) as connection:
        query = "SELECT count(DISTINCT chain) FROM audit_entries WHERE action = 'decision recorded'"
        found: int = await connection.fetchval(query)
        return found


def decisions_counted(service: Service, worker: int) -> int:
    """Return the decisions that a worker counted, read from its own port for metrics."""
    exposition = httpx.get(f"http://127.0.0.1:{service.api_metrics_port + worker}/metrics").text
    families = {family.name: family.samples for family in text_string_to_metric_families(exposition)}
    return sum(int(sample.value) for sample in families["scoring_decisions"] if sample.name.endswith("_total"))


def serves_metrics(service: Service, worker: int) -> bool:
    try:
        return decisions_counted(service, worker) >= 0
    except httpx.TransportError:
        return False


def test_both_replicas_decide_on_their_own_chains_and_drain(running: Service) -> None:
    answered: list[str] = []

    def both_have_decided() -> bool:
        answers = asyncio.run(decide_at_once(running))
        assert {answer.status_code for answer in answers} == {200}
        answered.extend(answer.json()["request_id"] for answer in answers)
        return asyncio.run(chains(running)) == 2

    assert len(workers(running)) == 2
    eventually(both_have_decided, within=20)
    verified = running.run("audit", "verify")
    assert verified.returncode == 0, verified.stderr
    assert sorted(recorded_decisions(running.database_url)) == sorted(answered)
    assert len(set(answered)) == len(answered)
    counted = [decisions_counted(running, worker) for worker in range(2)]
    assert sum(counted) == len(answered)
    assert all(counted)
    family = running.family()
    assert running.stop() == 0
    assert not psutil.wait_procs(family, timeout=2)[1]


def test_a_worker_that_dies_is_replaced_and_none_outlives_its_supervisor(running: Service) -> None:
    first, second = workers(running)
    first.kill()
    eventually(lambda: len({each.pid for each in workers(running)} - {first.pid}) == 2, within=20)
    assert running.decide()["success"] is True
    eventually(lambda: serves_metrics(running, 0) and serves_metrics(running, 1))
    left = workers(running)
    assert second in left
    supervisor = left[0].parent()
    assert supervisor is not None
    supervisor.kill()
    eventually(lambda: not any(lives(each) for each in left))


@pytest.mark.parametrize("fault", [MetricsPortTaken("port 9102 is in use"), OSError("no space left")], ids=type)
def test_a_worker_that_cannot_start_logs_one_line_and_exits(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    def api_app(_: Settings) -> None:
        raise fault

    monkeypatch.setattr(servers, "api_app", api_app)
    with pytest.raises(SystemExit) as exited:
        worker()
    assert exited.value.code == 1
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", f"The worker cannot start: {fault}")
    assert record.exc_info is None
