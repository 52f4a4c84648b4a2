"""A cluster's workers give the same bits with the model that was sent, or refuse to decide."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest
from distributed import Scheduler, Worker

from adapters.loan_files import read_loans
from adapters.scoring.bundles.bundle import MANIFEST, ModelBundle, load_bundle, read_bundle_files
from adapters.scoring.dask_cluster import cluster as clusters
from adapters.scoring.dask_cluster import workers
from adapters.scoring.dask_cluster.cluster import ClusterUnusable, connect_client, task_result
from adapters.scoring.dask_cluster.portfolio_decider import dask_portfolio_decider
from adapters.scoring.dask_cluster.release import PROGRAM, differences, installed_versions
from adapters.scoring.dask_cluster.workers import DeciderSpec, prepare_worker
from adapters.scoring.portfolio.portfolio_decider import TablePortfolioDecider
from application.ports.batches.portfolio import Origin
from domain.access.user import Actor, Role
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.configuration.setting_readers import PROJECT
from support.loan_rows import varied_loans, write_loans

CHAMPION = PROJECT / "models" / "champion"
CLERK = Actor("clerk", Role.SERVICE)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
IDENTIFIERS = [UUID(int=number) for number in range(900)]
STRICTER = replace(POLICY_1, version="stricter", approve_below=POLICY_1.approve_below / 2)


@asynccontextmanager
async def a_scheduler() -> AsyncIterator[Scheduler]:
    async with Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler:
        yield scheduler


def a_worker(of: Scheduler, folder: Path) -> Worker:
    """A worker in this process, which still communicates over sockets."""
    return Worker(
        of.address, host="127.0.0.1", dashboard_address="127.0.0.1:0", nthreads=1, local_directory=str(folder)
    )


@pytest.fixture
async def scheduler(tmp_path: Path) -> AsyncIterator[Scheduler]:
    """The scheduler of a cluster with two workers."""
    async with a_scheduler() as running, a_worker(running, tmp_path / "1"), a_worker(running, tmp_path / "2"):
        yield running


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    bureau_data = cycle([("", ""), ("frozen", "2026-01-15"), ("found", "2026-11-20"), ("missing", "")])
    rows = [
        loan | {"bureau_status": status, "bureau_report_date": day}
        for loan, (status, day) in zip(varied_loans(len(IDENTIFIERS)), bureau_data, strict=False)
    ]
    file = write_loans(tmp_path_factory.mktemp("loans") / "loans.csv", rows)
    return pl.concat([chunk.rows for chunk in read_loans(file, PERSONAL_LOAN)])


def test_serialized_loans_are_unchanged(loans: pl.DataFrame) -> None:
    arrived = pl.read_ipc(workers.pack_loans(loans, PERSONAL_LOAN))
    assert arrived.equals(loans.select(arrived.columns), null_equal=True)
    assert arrived.schema == loans.select(arrived.columns).schema


@pytest.mark.parametrize("policy", [POLICY_1, STRICTER], ids=["in force", "stricter"])
async def test_results_and_records_agree_with_this_machine(
    scheduler: Scheduler, champion: ModelBundle, loans: pl.DataFrame, policy: ScoringPolicy
) -> None:
    local = TablePortfolioDecider(champion, policy).decide_now(loans)
    async with dask_portfolio_decider(scheduler.address, CHAMPION, policy) as decider:
        assert decider.max_in_flight == 4
        decided = await decider.decide(loans)
        none = await decider.decide(loans.head(0))
    assert decided.results(IDENTIFIERS).equals(local.results(IDENTIFIERS))
    origin = Origin(NOW, CLERK, "file")
    assert list(decided.records(IDENTIFIERS, origin)) == list(local.records(IDENTIFIERS, origin))
    assert decided.outcomes == local.outcomes
    assert sum(none.outcomes.values()) == none.results(None).height == 0


async def test_a_worker_process_builds_its_decider_once(scheduler: Scheduler, loans: pl.DataFrame) -> None:
    policy = replace(POLICY_1, version="of this test alone")
    before = workers.build_decider.cache_info().misses
    for _ in range(2):
        async with dask_portfolio_decider(scheduler.address, CHAMPION, policy) as decider:
            await asyncio.gather(*(decider.decide(loans) for _ in range(6)))
    assert workers.build_decider.cache_info().misses == before + 1


async def test_a_bundle_damaged_in_transfer_is_refused(scheduler: Scheduler, champion: ModelBundle) -> None:
    files = read_bundle_files(CHAMPION)
    damaged = files | {MANIFEST: files[MANIFEST].replace(b"1.2.0", b"1.2.9")}
    spec = DeciderSpec(
        "another",
        POLICY_1.fingerprint,
        PERSONAL_LOAN.fingerprint,
        files=damaged,
        policy=POLICY_1.document,
        product=PERSONAL_LOAN.document,
        release=installed_versions(),
    )
    async with connect_client(scheduler.address) as client:
        with pytest.raises(ClusterUnusable, match=r"manifest\.json: the content does not match SHA256SUMS"):
            await task_result(client, client.submit(prepare_worker, spec, pure=False))
        whole = replace(spec, files=files)
        with pytest.raises(ClusterUnusable, match=f"the worker tcp://.*: model {champion.fingerprint} .* arrived"):
            await task_result(client, client.submit(prepare_worker, whole, pure=False))


async def open_and_close(address: str) -> None:
    async with dask_portfolio_decider(address, CHAMPION, POLICY_1):
        pass


@asynccontextmanager
async def another_worker(scheduler: Scheduler, folder: Path, **environment: str) -> AsyncIterator[str]:
    """The address of another worker in a separate process."""
    before = set(scheduler.workers)
    program = [sys.executable, "-m", "dask", "worker", scheduler.address, "--no-nanny", "--no-dashboard"]
    program += ["--nthreads", "1", "--host", "127.0.0.1", "--local-directory", str(folder)]
    running = await asyncio.create_subprocess_exec(
        *program, env=os.environ | environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with connect_client(scheduler.address) as client:
            await client.wait_for_workers(len(before) + 1, timeout=60)
        yield (set(scheduler.workers) - before).pop()
    finally:
        running.terminate()
        await running.wait()


async def test_a_worker_with_another_release_is_refused_with_its_differences(
    scheduler: Scheduler, tmp_path: Path
) -> None:
    """Changes a package's version and a number in the worker's code."""
    stale = tmp_path / "stale"
    shutil.copytree(PROJECT / "src", stale, ignore=shutil.ignore_patterns("__pycache__"))
    arithmetic = stale / "adapters" / "scoring" / "fixed_point.py"
    arithmetic.write_text(arithmetic.read_text() + "\nODD = 1\n")
    about = stale / "credit_scoring-0.0.9.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: credit-scoring\nVersion: 0.0.9\n")
    async with another_worker(scheduler, tmp_path, PYTHONPATH=str(stale)) as address:
        message = rf"the worker {address}: {PROGRAM} is 0\.0\.9, not"
        with pytest.raises(ClusterUnusable, match=message) as refused:
            await open_and_close(scheduler.address)
    assert f"; code of {PROGRAM} is " in str(refused.value)
    assert str(refused.value).count("the worker") == 1


async def test_a_late_worker_with_another_release_decides_nothing(scheduler: Scheduler) -> None:
    files, newer = read_bundle_files(CHAMPION), dict(installed_versions()) | {PROGRAM: "0.2.0"}
    spec = DeciderSpec(
        load_bundle(CHAMPION, PERSONAL_LOAN).fingerprint,
        POLICY_1.fingerprint,
        PERSONAL_LOAN.fingerprint,
        files=files,
        policy=POLICY_1.document,
        product=PERSONAL_LOAN.document,
        release=newer,
    )
    async with connect_client(scheduler.address) as client:
        with pytest.raises(ClusterUnusable, match=f"the worker tcp://.*: {PROGRAM} is .*, not 0.2.0"):
            await task_result(client, client.submit(workers.decide_packed, spec, b"", pure=False))


def test_differences_list_other_and_missing_versions() -> None:
    local = {"Python": "3.11", "numpy": "2.4.6", "polars": "2.1.0"}
    assert differences(local, local) == []
    assert differences(local, {"Python": "3.11", "numpy": "2.3.0"}) == [
        "numpy is 2.3.0, not 2.4.6",
        "polars is (none), not 2.1.0",
    ]


async def test_a_cluster_without_workers_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "SECONDS_FOR_A_WORKER", 0.2)
    async with a_scheduler() as alone:
        with pytest.raises(ClusterUnusable, match="has no workers; start some"):
            await open_and_close(alone.address)


async def test_a_cluster_that_loses_all_workers_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, loans: pl.DataFrame
) -> None:
    monkeypatch.setattr(clusters, "SECONDS_BETWEEN_CHECKS", 0.05)
    async with (
        a_scheduler() as scheduler,
        a_worker(scheduler, tmp_path) as worker,
        dask_portfolio_decider(scheduler.address, CHAMPION, POLICY_1) as decider,
    ):
        await worker.close()
        with pytest.raises(ClusterUnusable, match="has lost all its workers"):
            await decider.decide(loans)


async def test_a_lost_scheduler_ends_the_command(scheduler: Scheduler, loans: pl.DataFrame) -> None:
    async with dask_portfolio_decider(scheduler.address, CHAMPION, POLICY_1) as decider:
        deciding = [asyncio.create_task(decider.decide(loans)) for _ in range(3)]
        await scheduler.close()
        for each in deciding:
            with pytest.raises(ClusterUnusable, match="; try again"):
                await each


async def test_a_port_of_another_program_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "SECONDS_TO_CONNECT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ClusterUnusable, match=r"responds at .*another program listens there"):
            await open_and_close(address)


@pytest.mark.parametrize("address", ["nonsense", "tls://127.0.0.1:1"], ids=["no address", "no certificates"])
async def test_an_unusable_address_gives_a_one_line_error(address: str) -> None:
    with pytest.raises(ClusterUnusable, match="no Dask scheduler responds at"):
        await open_and_close(address)
