"""Chunks sent to the workers of a Dask cluster, which decide on them as this machine would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import polars as pl
from distributed import Client, Future

from adapters.scoring.bundles.bundle import bundle_files, bundle_from
from adapters.scoring.dask_cluster.cluster import answer, check_releases, connected, threads_of_workers
from adapters.scoring.dask_cluster.release import installed
from adapters.scoring.dask_cluster.workers import Mandate, decide_packed, get_ready, given, packed
from adapters.scoring.portfolio.portfolio_block import DecidedBlock, DecidedUnder
from adapters.scoring.portfolio.portfolio_decisions import DecidedColumns
from application.ports.batches.portfolio import PortfolioDecider
from domain.policies.scoring_policy import ScoringPolicy


class DaskPortfolioDecider(PortfolioDecider):
    """Decides on polars frames of accepted loans: the numbers of `TablePortfolioDecider`, from other processes.

    To be had from `deciding_on_cluster`. A chunk whose worker is lost is decided by another.
    """

    def __init__(self, client: Client, mandate: Future, under: DecidedUnder, *, threads: int) -> None:
        self._client = client
        self._mandate = mandate
        self._under = under
        self._threads = threads

    @property
    def max_in_flight(self) -> int:
        """For each thread of the cluster one chunk being decided, and one on its way there or back."""
        return 2 * self._threads

    async def decide(self, loans: pl.DataFrame) -> DecidedColumns:
        """The decisions on these loans, in their order; raises ClusterUnusable."""
        content = await asyncio.to_thread(packed, loans)
        asked = self._client.submit(decide_packed, self._mandate, content, pure=False)
        block: DecidedBlock = await answer(self._client, asked)
        return DecidedColumns(loans, block, self._under)


@asynccontextmanager
async def deciding_on_cluster(
    address: str, bundle_folder: Path, policy: ScoringPolicy
) -> AsyncIterator[DaskPortfolioDecider]:
    """The decider on the cluster whose scheduler has this address, by the bundle of a folder here and a policy.

    Every worker has shown before that it has this release, and is ready. Raises ClusterUnusable, BundleUnusable.
    """
    files, release = bundle_files(bundle_folder), installed()
    bundle = bundle_from(files, str(bundle_folder))
    async with connected(address) as client:
        threads = await threads_of_workers(client)
        await check_releases(client, release)
        mandate = client.submit(
            given, Mandate(bundle.fingerprint, policy.fingerprint, files, policy.document, release)
        )
        getting_ready = [
            client.submit(get_ready, mandate, workers=[worker], allow_other_workers=True, pure=False)
            for worker in threads
        ]
        for asked in getting_ready:
            await answer(client, asked)
        under = DecidedUnder.of(bundle, policy)
        yield DaskPortfolioDecider(client, mandate, under, threads=sum(threads.values()))
