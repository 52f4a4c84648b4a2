"""Who decides on portfolios: this machine, or the workers of a Dask cluster."""

import os
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from adapters.scoring.bundles.bundle import load_bundle
from application.operational_error import OperationalError
from application.ports.batches.portfolio import PortfolioDecider
from domain.policies.version_1 import POLICY_1


class DaskNotInstalled(OperationalError):
    """A cluster was asked for, and Dask is not there to reach it; the text says how to install it."""


def deciding_here(model_dir: Path) -> AbstractAsyncContextManager[PortfolioDecider]:
    """The champion policy by the model of a folder, on all processors; raises BundleUnusable."""
    from adapters.scoring.portfolio.portfolio_decider import TablePortfolioDecider  # noqa: PLC0415 - numba is slow to import

    return nullcontext(TablePortfolioDecider(load_bundle(model_dir), POLICY_1, threads=processors()))


def deciding_on_dask(address: str, model_dir: Path) -> AbstractAsyncContextManager[PortfolioDecider]:
    """The same, on the cluster whose scheduler has this address; raises DaskNotInstalled.

    The cluster is reached when the context is entered, which raises BundleUnusable and DependencyUnavailable.
    """
    try:
        from adapters.scoring.dask_cluster.portfolio_decider import deciding_on_cluster  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as fault:
        if fault.name not in {"dask", "distributed"}:
            raise
        raise DaskNotInstalled(
            "Dask is not installed here. In a checkout run `scripts/setup --dask`; "
            "elsewhere `pip install 'dask[distributed]>=2026.8'`"
        ) from fault
    return deciding_on_cluster(address, model_dir, POLICY_1)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
