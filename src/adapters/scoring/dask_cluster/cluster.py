"""A Dask cluster: reached, found fit to decide, and waited for, with every way it fails put into words."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from distributed import Client, Future, KilledWorker
from distributed.client import FutureCancelledError

from adapters.scoring.dask_cluster.release import PROGRAM, Release, differences, installed
from adapters.scoring.dask_cluster.workers import CannotDecideHere
from application.ports.operations.dependencies import DependencyUnavailable

SECONDS_TO_CONNECT = 5.0
SECONDS_FOR_A_WORKER = 10.0
SECONDS_BETWEEN_LOOKS = 5.0
LOOKS_WITHOUT_WORKERS = 6
"""In a row, before a cluster is given up: lost workers are usually started anew within seconds."""


class ClusterUnusable(DependencyUnavailable):
    """The cluster does not answer, or would not give the same numbers; the text says why and what to do."""


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Client]:
    """The cluster whose scheduler has this address. TLS is set up by Dask's own settings."""
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # a lost scheduler is told of once, below
    client = Client(address, asynchronous=True, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    try:
        await _open(client, address)
        yield client
    finally:
        await client.close()


async def _open(client: Client, address: str) -> None:
    try:
        async with asyncio.timeout(SECONDS_TO_CONNECT + 1):  # Dask waits for ever where no scheduler listens
            await client
    except (OSError, ValueError, TypeError) as fault:  # no answer; no address; no TLS settings for tls://
        raise ClusterUnusable(
            f"no Dask scheduler answers at {address} ({str(fault) or 'something else listens there'}). "
            "Start one with `dask scheduler`, and workers with `dask worker`; README.md says how"
        ) from fault


async def threads_of_workers(client: Client) -> dict[str, int]:
    """How many threads each worker has, by its address; the first is waited for. Raises ClusterUnusable."""
    try:
        await client.wait_for_workers(1, timeout=SECONDS_FOR_A_WORKER)
    except TimeoutError as fault:
        raise ClusterUnusable("the Dask cluster has no workers; start some with `dask worker`") from fault
    threads: dict[str, int] = await client.nthreads()
    return threads


async def check_releases(client: Client, wanted: Release) -> None:
    """Raises ClusterUnusable, naming every worker that has another release, and what differs.

    The scheduler must have it too: what is sent passes through its hands.
    """
    found: dict[str, Release | Exception] = {
        f"the worker {address}": told for address, told in (await client.run(installed, on_error="return")).items()
    }
    try:
        found["the scheduler"] = await client.run_on_scheduler(installed)
    except Exception as fault:  # whatever a stranger's installation makes of the question
        found["the scheduler"] = fault
    odd = {
        name: f"does not know this release of {PROGRAM} ({told})"
        if isinstance(told, Exception)
        else "; ".join(differences(wanted, told))
        for name, told in found.items()
    }
    faults = [f"{name}: {fault}" for name, fault in odd.items() if fault]
    if faults:
        raise ClusterUnusable(
            "the Dask cluster would not give the same numbers. "
            + ". ".join(faults)
            + ". Install the release of this machine on every machine of the cluster"
        )


async def answer(client: Client, asked: Future) -> Any:
    """A task's result, however often Dask must begin it anew. Raises ClusterUnusable."""
    getting = asyncio.ensure_future(asked.result())
    looks_without_workers = 0
    try:
        while not (await asyncio.wait({getting}, timeout=SECONDS_BETWEEN_LOOKS))[0]:
            looks_without_workers = 0 if await client.nthreads() else looks_without_workers + 1
            if looks_without_workers == LOOKS_WITHOUT_WORKERS:
                raise ClusterUnusable("the Dask cluster has lost all its workers; start some and try again")
        return await getting
    except CannotDecideHere as fault:
        raise ClusterUnusable(f"the Dask cluster would not give the same numbers. {fault}") from fault
    except KilledWorker as fault:
        raise ClusterUnusable(
            "several workers of the Dask cluster died over the same rows; "
            f"the log of the last, {fault.last_worker.address}, may say why"
        ) from fault
    except FutureCancelledError as fault:
        raise ClusterUnusable(f"the Dask cluster gave up the work ({fault.reason}); try again") from fault
    except OSError as fault:
        raise ClusterUnusable(f"the Dask scheduler does not answer any more ({fault}); try again") from fault
    finally:
        getting.cancel()
