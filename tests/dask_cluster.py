"""A Dask cluster of two processes on this machine, and what tests do to its workers."""

import os
from collections.abc import Iterator

import pytest
from distributed import Client, LocalCluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as running:
        yield running


def processes_of(cluster: LocalCluster) -> dict[str, int]:
    """The number of each worker's process, by the worker's address."""
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        found: dict[str, int] = client.run(os.getpid)
        return found
