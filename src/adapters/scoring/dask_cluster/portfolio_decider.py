"""Decides portfolios on the workers of a Dask cluster, with the same results as on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import polars as pl
from distributed import Client, Future

from adapters.scoring.bundles.bundle import parse_champion, read_bundle_files
from adapters.scoring.dask_cluster.cluster import check_releases, connect_client, task_result, worker_threads
from adapters.scoring.dask_cluster.release import installed_versions
from adapters.scoring.dask_cluster.workers import DeciderSpec, decide_packed, identity, pack_loans, prepare_worker
from adapters.scoring.portfolio.portfolio_block import DecidedBlock, DecisionBasis
from adapters.scoring.portfolio.portfolio_circumstances import with_report_age
from adapters.scoring.portfolio.portfolio_decisions import DecidedColumns
from application.ports.batches.portfolio import PortfolioDecider
from domain.policies.scoring_policy import ScoringPolicy


class DaskPortfolioDecider(PortfolioDecider):
    """Decides polars frames of accepted loans in other processes, with the results of `TablePortfolioDecider`.

    Created by `dask_portfolio_decider`. A chunk whose worker is lost is decided by another one.
    """

    def __init__(self, client: Client, spec: Future, basis: DecisionBasis, *, threads: int) -> None:
        self._client = client
        self._spec = spec
        self._basis = basis
        self._threads = threads

    @property
    def max_in_flight(self) -> int:
        """Two chunks per thread of the cluster: one being decided, one in transfer."""
        return 2 * self._threads

    async def decide(self, loans: pl.DataFrame) -> DecidedColumns:
        """The decisions on these loans in their order. Raises ClusterUnusable."""
        loans = with_report_age(loans)
        content = await asyncio.to_thread(pack_loans, loans, self._basis.policy.product)
        task = self._client.submit(decide_packed, self._spec, content, pure=False)
        block: DecidedBlock = await task_result(self._client, task)
        return DecidedColumns(loans, block, self._basis)


@asynccontextmanager
async def dask_portfolio_decider(
    address: str, bundle_folder: Path, policy: ScoringPolicy
) -> AsyncIterator[DaskPortfolioDecider]:
    """A decider on the cluster with this scheduler address, for a local bundle and a policy.

    All workers are checked for the same release and prepared first. Raises ClusterUnusable and BundleUnusable.
    """
    files, release = read_bundle_files(bundle_folder), installed_versions()
    bundle = parse_champion(files, str(bundle_folder), policy.product)
    async with connect_client(address) as client:
        threads = await worker_threads(client)
        await check_releases(client, release)
        decider = DeciderSpec(
            bundle.fingerprint,
            policy.fingerprint,
            policy.product.fingerprint,
            files=files,
            policy=policy.document,
            product=policy.product.document,
            release=release,
        )
        spec = client.submit(identity, decider)
        tasks = [
            client.submit(prepare_worker, spec, workers=[worker], allow_other_workers=True, pure=False)
            for worker in threads
        ]
        for task in tasks:
            await task_result(client, task)
        basis = DecisionBasis.of(bundle, policy)
        yield DaskPortfolioDecider(client, spec, basis, threads=sum(threads.values()))
