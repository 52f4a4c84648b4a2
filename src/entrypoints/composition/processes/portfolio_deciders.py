"""The deciders of whole files: this machine, or the workers of a Dask cluster."""

import os
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from adapters.scoring.bundles.bundle import load_champion
from application.operational_error import OperationalError
from application.ports.batches.portfolio import PortfolioDecider
from domain.policies.scoring_policy import ScoringPolicy


class DaskNotInstalled(OperationalError):
    """A cluster was requested, and Dask is not installed."""


def local_decider(model_dir: Path, policy: ScoringPolicy) -> AbstractAsyncContextManager[PortfolioDecider]:
    """Decide on all processors of this machine; raises BundleUnusable."""
    from adapters.scoring.portfolio.portfolio_decider import TablePortfolioDecider  # noqa: PLC0415 - numba is slow to import

    bundle = load_champion(model_dir, policy.product)
    return nullcontext(TablePortfolioDecider(bundle, policy, threads=processor_count()))


def dask_decider(
    scheduler: str, model_dir: Path, policy: ScoringPolicy
) -> AbstractAsyncContextManager[PortfolioDecider]:
    """Decide on the cluster of this scheduler's address; raises DaskNotInstalled.

    Entering the context connects, and raises BundleUnusable and DependencyUnavailable.
    """
    try:
        from adapters.scoring.dask_cluster.portfolio_decider import dask_portfolio_decider  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as fault:
        if fault.name not in {"dask", "distributed"}:
            raise
        raise DaskNotInstalled(
            "Dask is not installed. In a checkout run `scripts/setup --dask`; "
            "elsewhere `pip install 'dask[distributed]>=2026.8'`"
        ) from fault
    return dask_portfolio_decider(scheduler, model_dir, policy)


def processor_count() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
