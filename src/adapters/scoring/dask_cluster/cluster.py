"""Connecting to a Dask cluster, checking its versions, and waiting for results with clear errors."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from distributed import Client, Future, KilledWorker
from distributed.client import FutureCancelledError

from adapters.scoring.dask_cluster.release import PROGRAM, Release, differences, installed_versions
from adapters.scoring.dask_cluster.workers import WorkerIncompatible
from application.ports.operations.dependencies import DependencyUnavailable

SECONDS_TO_CONNECT = 5.0
SECONDS_FOR_A_WORKER = 10.0
SECONDS_BETWEEN_CHECKS = 5.0
MAX_CHECKS_WITHOUT_WORKERS = 6
"""Consecutive checks without workers before the cluster counts as lost; workers usually restart within seconds."""


class ClusterUnusable(DependencyUnavailable):
    """The cluster does not respond, or would not give the same numbers; the message says why and what to do."""


@asynccontextmanager
async def connect_client(address: str) -> AsyncIterator[Client]:
    """A client of the cluster with this scheduler address. TLS is configured in Dask's own settings."""
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # a lost scheduler is reported below
    client = Client(address, asynchronous=True, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    try:
        await _open(client, address)
        yield client
    finally:
        await client.close()


async def _open(client: Client, address: str) -> None:
    try:
        async with asyncio.timeout(SECONDS_TO_CONNECT + 1):  # Dask waits forever if no scheduler listens
            await client
    except (OSError, ValueError, TypeError) as fault:  # no response, invalid address, or TLS not configured
        raise ClusterUnusable(
            f"no Dask scheduler responds at {address} ({str(fault) or 'another program listens there'}). "
            "Start one with `dask scheduler`, and workers with `dask worker`; see docs/batch-files.md"
        ) from fault


async def worker_threads(client: Client) -> dict[str, int]:
    """The number of threads of each worker by address, once there is a worker. Raises ClusterUnusable."""
    try:
        await client.wait_for_workers(1, timeout=SECONDS_FOR_A_WORKER)
    except TimeoutError as fault:
        raise ClusterUnusable("the Dask cluster has no workers; start some with `dask worker`") from fault
    threads: dict[str, int] = await client.nthreads()
    return threads


async def check_releases(client: Client, expected: Release) -> None:
    """Raises ClusterUnusable, naming every worker with other versions and the differences.

    The scheduler is checked too, since it passes the data on.
    """
    found: dict[str, Release | Exception] = {
        f"the worker {address}": versions
        for address, versions in (await client.run(installed_versions, on_error="return")).items()
    }
    try:
        found["the scheduler"] = await client.run_on_scheduler(installed_versions)
    except Exception as fault:  # another installation may fail in any way
        found["the scheduler"] = fault
    problems = {
        name: f"does not have this release of {PROGRAM} ({versions})"
        if isinstance(versions, Exception)
        else "; ".join(differences(expected, versions))
        for name, versions in found.items()
    }
    messages = [f"{name}: {fault}" for name, fault in problems.items() if fault]
    if messages:
        raise ClusterUnusable(
            "the Dask cluster would not give the same numbers. "
            + ". ".join(messages)
            + ". Install the release of this machine on every machine of the cluster"
        )


async def task_result(client: Client, task: Future) -> Any:
    """A task's result, even if Dask must restart it. Raises ClusterUnusable."""
    waiting = asyncio.ensure_future(task.result())
    checks_without_workers = 0
    try:
        while not (await asyncio.wait({waiting}, timeout=SECONDS_BETWEEN_CHECKS))[0]:
            checks_without_workers = 0 if await client.nthreads() else checks_without_workers + 1
            if checks_without_workers == MAX_CHECKS_WITHOUT_WORKERS:
                raise ClusterUnusable("the Dask cluster has lost all its workers; start some and try again")
        return await waiting
    except WorkerIncompatible as fault:
        raise ClusterUnusable(f"the Dask cluster would not give the same numbers. {fault}") from fault
    except KilledWorker as fault:
        raise ClusterUnusable(
            "several workers of the Dask cluster died while deciding the same rows; "
            f"the log of the last, {fault.last_worker.address}, may say why"
        ) from fault
    except FutureCancelledError as fault:
        raise ClusterUnusable(f"the Dask cluster gave up the work ({fault.reason}); try again") from fault
    except OSError as fault:
        raise ClusterUnusable(f"the Dask scheduler no longer responds ({fault}); try again") from fault
    finally:
        waiting.cancel()
