"""The metrics of a whole service: documented, valid, equal to the records, bounded, and without the database."""

import asyncio
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from adapters.embedded import EmbeddedPostgres
from adapters.observability.metrics.reference import PAGE
from adapters.persistence.decisions.documents import decode
from domain.decisions.decision_record import DecisionRecord
from domain.products.personal_loan import EXAMPLE
from harness.polling import eventually
from harness.running_service import Service, free_ports
from support.batches import SOME_LOANS

pytestmark = pytest.mark.timeout(90)
PROMTOOL = shutil.which("promtool", path="/usr/bin:/usr/local/bin")
PROCESSES = ("api", "ui", "worker")
DOCUMENTED = re.compile(r"^\| `(scoring_\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \| ", re.M)
STORED_STATE = {"scoring_batches_pending", "scoring_outbox_pending_messages", "scoring_database_size_bytes"}


class Measured:
    """A service with all processes, whose database runs apart from it."""

    def __init__(self, service: Service, worker_port: int, database: EmbeddedPostgres) -> None:
        self.service, self.database = service, database
        self._ports = {"api": service.api_metrics_port, "ui": service.ui_metrics_port, "worker": worker_port}
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{service.api_port}", timeout=20)
        self.ui = httpx.Client(base_url=f"http://127.0.0.1:{service.ui_port}", timeout=20)
        self.api.headers["Authorization"] = service.authorization.partition(": ")[2]

    def exposition(self, process: str) -> str:
        return httpx.get(f"http://127.0.0.1:{self._ports[process]}/metrics", timeout=2).raise_for_status().text

    def samples(self, process: str) -> list[Sample]:
        families = text_string_to_metric_families(self.exposition(process))
        return [sample for family in families for sample in family.samples if sample.name.startswith("scoring_")]

    def value(self, name: str, process: str = "api", **labels: str) -> float | None:
        """The sum of a metric's samples with these labels; None if there are none."""
        found = [
            each.value
            for each in self.samples(process)
            if each.name == name and labels.items() <= each.labels.items()
        ]
        return sum(found) if found else None

    def counts(self, name: str, *labels: str) -> Counter[Any]:
        """A counter of all processes by these labels."""
        totals = Counter[Any]()
        for process in PROCESSES:
            for sample in self.samples(process):
                if sample.name == name:
                    totals[tuple(sample.labels[label] for label in labels)] += int(sample.value)
        return totals

    def decide(self, **facts: object) -> httpx.Response:
        headers = {"Idempotency-Key": key} if isinstance(key := facts.pop("key", None), str) else {}
        return self.api.post("/api/v1/predictions", json=EXAMPLE | facts, headers=headers)

    def log_in(self, name: str, password: str) -> None:
        form = {"grant_type": "password", "username": name, "password": password}
        assert self.api.post("/api/v1/auth/token", data=form).status_code == 400

    def decide_batch(self) -> None:
        headers = {"Content-Type": "text/csv"}
        submitted = self.api.post("/api/v1/batches?name=loans.csv", content=SOME_LOANS, headers=headers)
        path = f"/api/v1/batches/{submitted.json()['batch_id']}"
        eventually(lambda: self.api.get(path).json()["state"] == "done", within=30)

    def recorded(self) -> list[DecisionRecord]:
        """All recorded decisions."""

        async def read() -> list[DecisionRecord]:
            connection = await asyncpg.connect(self.database.url)
            try:
                rows = await connection.fetch("SELECT decision_id, document FROM decisions")
                return [decode(row["document"], UUID(str(row["decision_id"]))) for row in rows]
            finally:
                await connection.close()

        return asyncio.run(read())


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    """A service that has decided, accepted a batch, refused a login, and verified its audit trail."""
    folder, (worker_port,) = tmp_path_factory.mktemp("metrics"), free_ports(1)
    with EmbeddedPostgres(folder / "elsewhere", durable=False) as database:
        service = Service(
            folder / "data", SCORING_DATABASE_URL=database.url, SCORING_WORKER_METRICS_PORT=str(worker_port)
        )
        try:
            measured = Measured(service, worker_port, database)
            with measured.api, measured.ui:
                for number in range(40):
                    measured.decide(annual_inc=12_000 + 8_000 * (number // 2), key=f"{number // 2}")
                measured.decide_batch()
                measured.log_in("nobody", "wrong")
                assert service.run("audit", "verify").returncode == 0
                eventually(lambda: measured.value("scoring_audit_verification_success") == 1, within=25)
                yield measured
        finally:
            service.close()


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_exposes_what_is_documented(measured: Measured, process: str) -> None:
    documented = {
        name: (kind, set(filter(None, labels.split(", "))))
        for name, kind, labels, processes in DOCUMENTED.findall(PAGE.read_text())
        if process in processes.split(", ")
    }
    exposition = measured.exposition(process)
    assert dict(re.findall(r"^# TYPE (scoring_\w+) (\w+)$", exposition, re.M)) == {
        name: kind for name, (kind, _) in documented.items()
    }
    for sample in measured.samples(process):
        name = sample.name if sample.name in documented else re.sub("_(bucket|count|sum)$", "", sample.name)
        assert sample.labels.keys() - {"le"} == documented[name][1], sample


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed: install the package prometheus")
@pytest.mark.parametrize("process", PROCESSES)
def test_metrics_follow_the_conventions(measured: Measured, process: str) -> None:
    linted = subprocess.run(
        [str(PROMTOOL), "check", "metrics"],
        input=measured.exposition(process),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout + linted.stderr) == (0, "")


def test_every_recorded_decision_is_counted_once_with_its_grade_versions_and_pd(measured: Measured) -> None:
    records = measured.recorded()
    assert len(records) == 20 + 250
    kinds = ("outcome", "channel", "grade", "model_version", "policy_version")
    assert measured.counts("scoring_decisions_total", *kinds) == Counter(
        (
            r.decision.outcome.value,
            r.received_through,
            r.decision.grade,
            r.model_version,
            r.decision.policy_version,
        )
        for r in records
    )
    assert measured.counts("scoring_decision_confidence_total", "confidence", "channel") == Counter(
        (record.decision.confidence.value, record.received_through) for record in records
    )
    assert measured.counts("scoring_decision_failed_rules_total", "rule") == Counter(
        (rule,) for record in records for rule in record.decision.failed_rules
    )
    assert measured.counts("scoring_decision_outside_population_total", "channel") == Counter(
        (record.received_through,) for record in records if record.prediction.out_of_domain
    )
    for le in ("0.14", "0.21", "1.0"):
        below = Counter((r.received_through, le) for r in records if r.prediction.pd.value <= float(le))
        buckets = measured.counts("scoring_probability_of_default_bucket", "channel", "le")
        assert {kind: buckets[kind] for kind in buckets if kind[1] == le} == below
    sums = [measured.value("scoring_probability_of_default_sum", process) or 0.0 for process in PROCESSES]
    assert sum(sums) == pytest.approx(sum(record.prediction.pd.value for record in records))


def test_what_happened_is_measured(measured: Measured) -> None:
    value = measured.value
    assert value("scoring_security_events_total", kind="authentication", result="failed") == 1
    assert value("scoring_ledger_wait_seconds_count") == value("scoring_ledger_commit_decisions_sum") == 20
    assert value("scoring_ledger_pending_decisions") == 0
    for process in PROCESSES:
        assert value("scoring_dependency_up", process, dependency="database") == 1
        assert (value("scoring_event_loop_lag_seconds_count", process) or 0) > 5
        assert value("scoring_database_pool_limit", process, pool="general") == 4
    for dependency in ("ledger", "redis", "model"):
        assert value("scoring_dependency_up", dependency=dependency) == 1
    for state in ("queued", "running"):
        assert value("scoring_batches_pending", state=state) == 0
    assert value("scoring_decision_partitions_ahead") == 3
    assert (value("scoring_audit_verification_timestamp_seconds") or 0) == pytest.approx(time.time(), abs=60)
    assert (value("scoring_checkpoint_last_timestamp_seconds") or 0) == pytest.approx(time.time(), abs=60)


def hostile_requests(measured: Measured) -> None:
    """Requests with texts that never occurred before, wherever a caller can choose one."""
    text = uuid4().hex
    api, authorization = measured.api, {"Authorization": f"Bearer {text}"}
    for client in (api, measured.ui):
        client.get(f"/{text}")
        client.get(f"/api/v1/decisions/{text}")
        client.get(f"/assets/{text}.js")
        client.request(text[:7].upper(), "/api/v1/predictions")
        client.get("/api/v1/decisions", headers=authorization)
        client.get("/api/v1/decisions", headers={"Host": text})
    measured.log_in(text, text)
    api.get("/api/v1/decisions", params={"outcome": text, text: text})
    api.get(f"/api/v1/batches/{uuid4()}/{text}")
    api.post("/api/v1/predictions", json=EXAMPLE | {text: text, "purpose": text})
    measured.decide(key=text)
    headers = {"Content-Type": f"text/{text}"}
    api.post("/api/v1/batches", params={"name": text}, content=text.encode(), headers=headers)


def test_callers_cannot_add_series(measured: Measured) -> None:
    def series() -> set[tuple[str, ...]]:
        return {
            (process, each.name, *map("=".join, each.labels.items()))
            for process in PROCESSES
            for each in measured.samples(process)
        }

    for _ in range(2):
        hostile_requests(measured)
    before = series()
    for _ in range(5):
        hostile_requests(measured)
    assert series() - before == set()


def test_metrics_are_served_while_the_database_is_away(measured: Measured) -> None:
    """Its state is then unknown, and absent; the rest is served without delay."""

    def down() -> bool:
        return all(measured.value("scoring_dependency_up", each, dependency="database") == 0 for each in PROCESSES)

    measured.database.stop()
    try:
        assert measured.decide().status_code == 503
        eventually(down, within=15)
        eventually(lambda: not STORED_STATE & {each.name for each in measured.samples("api")}, within=20)
        assert measured.value("scoring_dependency_up", dependency="ledger") == 0
        assert measured.value("scoring_dependency_up", dependency="redis") == 1
        started = time.monotonic()
        for process in PROCESSES:
            assert measured.exposition(process)
        assert time.monotonic() - started < 1
    finally:
        measured.database.start()
    eventually(lambda: {each.name for each in measured.samples("api")} >= STORED_STATE, within=30)
    eventually(lambda: measured.value("scoring_dependency_up", dependency="ledger") == 1, within=15)
