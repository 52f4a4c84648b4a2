"""Stretches decided by a cluster's workers: the same bits, by the model that was sent, or not at all."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest
from distributed import LocalCluster

from adapters.loan_files import read_loans
from adapters.scoring.bundle import MANIFEST, ModelBundle, bundle_files, load_bundle
from adapters.scoring.on_dask import cluster as clusters
from adapters.scoring.on_dask import workers
from adapters.scoring.on_dask.cluster import ClusterUnusable, answer, connected
from adapters.scoring.on_dask.portfolio_decider import deciding_on_cluster
from adapters.scoring.on_dask.release import PROGRAM, differences, installed
from adapters.scoring.on_dask.workers import Mandate, get_ready
from adapters.scoring.portfolio_decider import TablePortfolioDecider
from domain.access.user import Actor, Role
from domain.policy.scoring_policy import ScoringPolicy
from domain.policy.version_1 import POLICY_1
from entrypoints.setting_readers import PROJECT
from loan_rows import varied_loans, write_loans
from patience import eventually

CHAMPION = PROJECT / "models" / "champion"
CLERK = Actor("clerk", Role.SERVICE)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
IDENTIFIERS = [UUID(int=number) for number in range(900)]
STRICTER = replace(POLICY_1, version="stricter", approve_below=POLICY_1.approve_below / 2)


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    file = write_loans(tmp_path_factory.mktemp("loans") / "loans.csv", varied_loans(len(IDENTIFIERS)))
    return pl.concat([chunk.rows for chunk in read_loans(file)])


def test_packed_loans_arrive_as_they_were(loans: pl.DataFrame) -> None:
    arrived = pl.read_ipc(workers.packed(loans))
    assert arrived.equals(loans.select(arrived.columns), null_equal=True)
    assert arrived.schema == loans.select(arrived.columns).schema


@pytest.mark.parametrize("policy", [POLICY_1, STRICTER], ids=["in force", "stricter"])
async def test_results_and_records_are_those_of_this_machine(
    cluster: LocalCluster, champion: ModelBundle, loans: pl.DataFrame, policy: ScoringPolicy
) -> None:
    here = TablePortfolioDecider(champion, policy).decide_now(loans)
    async with deciding_on_cluster(cluster.scheduler_address, CHAMPION, policy) as decider:
        assert decider.abreast == 4
        decided = await decider.decide(loans)
        none = await decider.decide(loans.head(0))
    assert decided.results(IDENTIFIERS).equals(here.results(IDENTIFIERS))
    told = {"decided_at": NOW, "requested_by": CLERK, "channel": "file"}
    assert decided.records(IDENTIFIERS, **told) == here.records(IDENTIFIERS, **told)
    assert decided.outcomes == here.outcomes
    assert sum(none.outcomes.values()) == none.results(None).height == 0


async def test_a_worker_makes_its_decider_once_however_many_stretches_and_runs(
    cluster: LocalCluster, loans: pl.DataFrame
) -> None:
    policy = replace(POLICY_1, version="of this test alone")
    async with connected(cluster.scheduler_address) as client:
        before = await client.run(lambda: workers.made.cache_info().misses)
        for _ in range(2):
            async with deciding_on_cluster(cluster.scheduler_address, CHAMPION, policy) as decider:
                await asyncio.gather(*(decider.decide(loans) for _ in range(6)))
        after = await client.run(lambda: workers.made.cache_info().misses)
    assert after == {worker: misses + 1 for worker, misses in before.items()}


async def test_a_bundle_that_arrives_otherwise_than_it_was_sent_is_not_decided_by(
    cluster: LocalCluster, champion: ModelBundle
) -> None:
    files = bundle_files(CHAMPION)
    damaged = files | {MANIFEST: files[MANIFEST].replace(b"1.0.0", b"1.0.1")}
    mandate = Mandate("another", POLICY_1.fingerprint, damaged, POLICY_1.document, installed())
    async with connected(cluster.scheduler_address) as client:
        with pytest.raises(ClusterUnusable, match=r"manifest\.json: the content is not what SHA256SUMS says"):
            await answer(client, client.submit(get_ready, mandate, pure=False))
        whole = replace(mandate, files=files)
        with pytest.raises(ClusterUnusable, match=f"the worker tcp://.*: model {champion.fingerprint} .* arrived"):
            await answer(client, client.submit(get_ready, whole, pure=False))


async def open_and_close(address: str) -> None:
    async with deciding_on_cluster(address, CHAMPION, POLICY_1):
        pass


def in_this_process(*, workers: int) -> LocalCluster:
    """A cluster on loopback, to be entered."""
    return LocalCluster(
        n_workers=workers,
        processes=False,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        asynchronous=True,
    )


@contextmanager
def another_worker(cluster: LocalCluster, folder: Path, **environment: str) -> Iterator[str]:
    """One more worker of the cluster; its address."""
    before = set(cluster.scheduler.workers)
    program = [sys.executable, "-m", "dask", "worker", cluster.scheduler_address, "--no-nanny", "--no-dashboard"]
    program += ["--nthreads", "1", "--local-directory", str(folder)]
    with subprocess.Popen(program, env={**os.environ, **environment}, stderr=subprocess.DEVNULL) as running:
        try:
            eventually(lambda: set(cluster.scheduler.workers) - before, within=60)
            yield next(iter(set(cluster.scheduler.workers) - before))
        finally:
            running.terminate()
            running.wait(20)
            eventually(lambda: set(cluster.scheduler.workers) == before)


async def test_a_worker_with_another_release_is_refused_by_name_with_what_differs(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    """Its packages say another version, and a number in its code is another."""
    stale = tmp_path / "stale"
    shutil.copytree(PROJECT / "src", stale, ignore=shutil.ignore_patterns("__pycache__"))
    arithmetic = stale / "adapters" / "scoring" / "fixed_point.py"
    arithmetic.write_text(arithmetic.read_text() + "\nODD = 1\n")
    about = stale / "credit_scoring-0.0.9.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: credit-scoring\nVersion: 0.0.9\n")
    with another_worker(cluster, tmp_path, PYTHONPATH=str(stale)) as address:
        said = rf"the worker {address}: {PROGRAM} is 0\.0\.9, not"
        with pytest.raises(ClusterUnusable, match=said) as refused:
            await open_and_close(cluster.scheduler_address)
    assert f"; code of {PROGRAM} is " in str(refused.value)
    assert str(refused.value).count("the worker") == 1


async def test_a_worker_that_joins_later_with_another_release_decides_nothing(cluster: LocalCluster) -> None:
    files, newer = bundle_files(CHAMPION), dict(installed()) | {PROGRAM: "0.2.0"}
    mandate = Mandate(load_bundle(CHAMPION).fingerprint, POLICY_1.fingerprint, files, POLICY_1.document, newer)
    async with connected(cluster.scheduler_address) as client:
        with pytest.raises(ClusterUnusable, match=f"the worker tcp://.*: {PROGRAM} is .*, not 0.2.0"):
            await answer(client, client.submit(workers.decide_packed, mandate, b"", pure=False))


def test_differences_name_what_is_older_and_what_is_missing() -> None:
    here = {"Python": "3.11", "numpy": "2.4.6", "polars": "2.1.0"}
    assert differences(here, here) == []
    assert differences(here, {"Python": "3.11", "numpy": "2.3.0"}) == [
        "numpy is 2.3.0, not 2.4.6",
        "polars is (none), not 2.1.0",
    ]


async def test_a_cluster_without_workers_is_said_to_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "SECONDS_FOR_A_WORKER", 0.2)
    async with in_this_process(workers=0) as empty:
        with pytest.raises(ClusterUnusable, match="has no workers; start some"):
            await open_and_close(empty.scheduler_address)


async def test_a_cluster_that_loses_all_its_workers_for_good_is_given_up(
    monkeypatch: pytest.MonkeyPatch, loans: pl.DataFrame
) -> None:
    monkeypatch.setattr(clusters, "SECONDS_BETWEEN_LOOKS", 0.05)
    async with (
        in_this_process(workers=1) as small,
        deciding_on_cluster(small.scheduler_address, CHAMPION, POLICY_1) as decider,
    ):
        await small.workers[0].close()
        with pytest.raises(ClusterUnusable, match="has lost all its workers"):
            await decider.decide(loans)


async def test_a_port_where_something_else_listens_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "SECONDS_TO_CONNECT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ClusterUnusable, match=r"answers at .*something else listens there"):
            await open_and_close(address)


@pytest.mark.parametrize("address", ["nonsense", "tls://127.0.0.1:1"], ids=["no address", "no certificates"])
async def test_an_address_that_cannot_be_used_is_a_fault_of_one_line(address: str) -> None:
    with pytest.raises(ClusterUnusable, match="no Dask scheduler answers at"):
        await open_and_close(address)
