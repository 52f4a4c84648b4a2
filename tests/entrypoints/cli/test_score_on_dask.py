"""`scoring score --dask`: the same files as on one machine, byte for byte, even if a worker is lost."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest
from click.testing import CliRunner, Result
from distributed import Client, LocalCluster, SchedulerPlugin

from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.scoring.dask_cluster import cluster as clusters
from domain.decisions.decision_record import DecisionRecord
from entrypoints.cli.score import command
from harness.polling import eventually
from support.loan_rows import LOAN, varied_loans, write_loans

CHUNKS = 5


def score(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@contextmanager
def scoring(*arguments: str | Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a separate process."""
    program = [sys.executable, "-m", "entrypoints.cli.main", "score", *map(str, arguments)]
    with subprocess.Popen(program, env=os.environ | environment, stderr=subprocess.PIPE, text=True) as running:
        yield running


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """A scheduler and two worker processes that are restarted when they are lost."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as running:
        yield running


def processes_of(cluster: LocalCluster) -> dict[str, int]:
    """The process ID of each worker, by the worker's address."""
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        found: dict[str, int] = client.run(os.getpid)
        return found


def busy_workers(cluster: LocalCluster) -> set[str]:
    """The addresses of the workers that are deciding a chunk."""
    tasks = list(cluster.scheduler.tasks.values())
    return {
        task.processing_on.address for task in tasks if task.prefix.name == "decide_packed" and task.processing_on
    }


class DecidedBy(SchedulerPlugin):
    """Counts the decided chunks, and records the addresses of the workers."""

    def __init__(self) -> None:
        self.chunks = 0
        self.workers: set[str] = set()

    def transition(self, key: object, start: str, finish: str, *_: object, **details: object) -> None:
        if finish == "memory" and str(key).startswith("decide_packed"):
            self.chunks += 1
            self.workers.add(str(details["worker"]))


def busy_worker(cluster: LocalCluster) -> str:
    """Wait for a worker that is deciding a chunk, and return its address."""
    seen: set[str] = set()

    def seen_busy() -> bool:
        seen.update(busy_workers(cluster))
        return bool(seen)

    eventually(seen_busy, within=60)
    return seen.pop()


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More chunks than the cluster receives at a time; one row in a hundred and one is rejected."""
    rows = [*varied_loans(100), LOAN | {"dti": "much", "loan_amnt": "0"}]
    path = write_loans(tmp_path_factory.mktemp("loans") / "loans.csv", rows)
    header, _, body = path.read_text().partition("\n")
    path.write_text(header + "\n" + body * (CHUNKS * 50_000 // len(rows)))
    return path


@pytest.fixture(scope="module")
def expected(loans: Path) -> Path:
    """The results of this machine; the errors file is in the same folder."""
    out = loans.with_name("local.parquet")
    done = score(loans, "--out", out, "--no-record")
    assert done.exit_code == 0, done.output
    return out


def same(out: Path, expected: Path) -> bool:
    """Whether results and errors are identical, byte for byte."""
    pairs = [(each, each.with_name(f"{each.name}.errors.csv")) for each in (out, expected)]
    return all(one.read_bytes() == other.read_bytes() for one, other in zip(*pairs, strict=True))


def test_a_cluster_writes_the_same_files_as_one_machine(
    tmp_path: Path, cluster: LocalCluster, loans: Path, expected: Path
) -> None:
    out, decided = tmp_path / "r.parquet", DecidedBy()
    cluster.scheduler.add_plugin(decided, name="decided")
    with scoring(loans, "--out", out, "--no-record", "--dask", cluster.scheduler_address) as running:
        _, message = running.communicate(timeout=90)
    cluster.scheduler.remove_plugin("decided")
    assert running.returncode == 0, message
    assert decided.chunks > CHUNKS
    assert decided.workers <= set(processes_of(cluster))
    assert same(out, expected)
    assert pl.read_csv(out.with_name("r.parquet.errors.csv")).height > 1000


def test_no_row_is_lost_when_a_worker_is_killed_during_a_chunk(
    tmp_path: Path, cluster: LocalCluster, loans: Path, expected: Path
) -> None:
    out, processes = tmp_path / "r.parquet", processes_of(cluster)
    with scoring(loans, "--out", out, "--no-record", "--dask", cluster.scheduler_address) as running:
        killed = busy_worker(cluster)
        os.kill(processes[killed], signal.SIGKILL)
        _, message = running.communicate(timeout=60)
    assert running.returncode == 0, message
    assert same(out, expected)
    eventually(lambda: len(cluster.scheduler.workers) == 2, within=60)
    assert killed not in processes_of(cluster)


def test_ctrl_c_stops_gracefully_and_leaves_no_partial_results(
    tmp_path: Path, cluster: LocalCluster, loans: Path
) -> None:
    arguments = (loans, "--out", tmp_path / "r.parquet", "--no-record", "--dask", cluster.scheduler_address)
    with scoring(*arguments) as running:
        busy_worker(cluster)
        running.send_signal(signal.SIGINT)
        _, message = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Stopped. No results were written." in message
    assert not list(tmp_path.iterdir())
    eventually(lambda: not cluster.scheduler.tasks)


def test_decisions_of_a_cluster_are_recorded_under_the_identifiers_in_the_results(
    tmp_path: Path, cluster: LocalCluster, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    rows = varied_loans(150) * 80  # more than one recorded chunk
    loans = write_loans(tmp_path / "loans.csv", rows)
    for name, *options in (("local", "--no-record"), ("cluster", "--dask", cluster.scheduler_address)):
        done = score(loans, "--out", tmp_path / f"{name}.parquet", *options)
        assert done.exit_code == 0, done.output
    local, on_cluster = (pl.read_parquet(tmp_path / f"{name}.parquet") for name in ("local", "cluster"))
    assert on_cluster.drop("decision_id").equals(local.drop("decision_id"))
    assert on_cluster["decision_id"].str.head(13).is_sorted()  # the milliseconds
    assert "12,000 decisions are recorded" in done.output
    last = asyncio.run(found(migrated_url, UUID(on_cluster["decision_id"][-1])))
    assert last is not None
    assert last.prediction.pd.value == on_cluster["probability_of_default"][-1]


async def found(url: str, decision_id: UUID) -> DecisionRecord | None:
    engine = database_engine(url)
    try:
        return await PostgresDecisionArchive(engine).find(decision_id)
    finally:
        await engine.dispose()


def test_an_unreachable_scheduler_is_reported_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "SECONDS_TO_CONNECT", 0.3)
    loans = write_loans(tmp_path / "loans.csv", [LOAN])
    done = score(loans, "--out", tmp_path / "r.csv", "--no-record", "--dask", "tcp://127.0.0.1:1")
    assert done.exit_code == 1
    assert done.output.startswith("Error: no Dask scheduler responds at tcp://127.0.0.1:1 ")
    assert "Start one with `dask scheduler`" in done.output
    assert len(done.output.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["loans.csv"]


def test_a_missing_dask_is_reported_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("adapters.scoring.dask_cluster")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    loans = write_loans(tmp_path / "loans.csv", [LOAN])
    done = score(loans, "--out", tmp_path / "r.csv", "--no-record", "--dask", "tcp://127.0.0.1:8786")
    assert done.exit_code == 1
    assert "Dask is not installed. In a checkout run `scripts/setup --dask`" in done.output
