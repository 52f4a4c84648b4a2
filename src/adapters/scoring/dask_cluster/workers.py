"""What a cluster's worker does: decide on chunks by what it was sent, with the release it has.

Everything here comes by content; workers share no disk with anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from threading import Lock
from typing import Any

import polars as pl
from distributed import get_worker

from adapters.scoring.bundles.bundle import BundleUnusable, bundle_from
from adapters.scoring.dask_cluster.release import Release, differences, installed
from adapters.scoring.portfolio.portfolio_block import DecidedBlock
from domain.models.characteristics import CHARACTERISTIC_NAMES
from domain.policies.stored_policy import InvalidPolicy, policy_from

_MOST_DECIDERS = 3
_one_at_a_time = Lock()


class CannotDecideHere(Exception):
    """This worker would not give the numbers that are wanted; the text says why."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """By what workers must decide: a bundle's files by name, a policy's document, and their fingerprints."""

    fingerprint: str
    policy_fingerprint: str
    files: Mapping[str, bytes] = field(compare=False, repr=False)
    policy: str = field(compare=False, repr=False)
    release: Release = field(compare=False, repr=False)


def given(mandate: Mandate) -> Mandate:
    """The mandate as a task's result, which Dask hands on to whoever needs it, and makes again when it is lost."""
    return mandate


def get_ready(mandate: Mandate) -> None:
    """Have the decider made before the first chunk; raises CannotDecideHere."""
    _decider(mandate)


def packed(loans: pl.DataFrame) -> bytes:
    """What deciding needs of these loans, for the way to a worker."""
    content = BytesIO()
    loans.select(CHARACTERISTIC_NAMES).write_ipc(content, compression="lz4")
    return content.getvalue()


def decide_packed(mandate: Mandate, loans: bytes) -> DecidedBlock:
    """What is decided on packed loans, in their order; raises CannotDecideHere."""
    block: DecidedBlock = _decider(mandate).decide_now(pl.read_ipc(BytesIO(loans))).block
    return block


def _decider(mandate: Mandate) -> Any:
    if different := differences(mandate.release, installed()):
        raise CannotDecideHere(f"{_here()}: {'; '.join(different)}")
    with _one_at_a_time:
        return made(mandate)


@lru_cache(_MOST_DECIDERS)
def made(mandate: Mandate) -> Any:
    """A decider on one thread, since Dask gives each of the worker's threads a chunk of its own.

    Made once for a model and policy; raises CannotDecideHere.
    """
    from adapters.scoring.portfolio.portfolio_decider import TablePortfolioDecider  # noqa: PLC0415 - numba, for workers alone

    try:
        bundle, policy = bundle_from(mandate.files, "the bundle that arrived"), policy_from(mandate.policy)
    except (BundleUnusable, InvalidPolicy) as fault:
        raise CannotDecideHere(f"{_here()}: {fault}") from None  # which could not travel
    if (bundle.fingerprint, policy.fingerprint) != (mandate.fingerprint, mandate.policy_fingerprint):
        raise CannotDecideHere(
            f"{_here()}: model {bundle.fingerprint} and policy {policy.fingerprint} arrived, "
            f"not {mandate.fingerprint} and {mandate.policy_fingerprint}"
        )
    return TablePortfolioDecider(bundle, policy, threads=1)


def _here() -> str:
    return f"the worker {get_worker().address}"
