"""The functions that a cluster's worker runs: deciding chunks with the model and policy that it was sent.

Everything is transferred by content, since workers share no disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from threading import Lock
from typing import Any

import polars as pl
from distributed import get_worker

from adapters.scoring.bundles.bundle import BundleUnusable, parse_bundle
from adapters.scoring.dask_cluster.release import Release, differences, installed_versions
from adapters.scoring.portfolio.portfolio_block import DecidedBlock
from adapters.scoring.portfolio.portfolio_circumstances import measured_columns
from domain.policies.stored_policy import InvalidPolicy, policy_from
from domain.products.product_definition import ProductDefinition
from domain.products.stored_product import UnreadableProduct, product_from

_MAX_DECIDERS = 3
_build_lock = Lock()


class WorkerIncompatible(Exception):
    """This worker would not give the same numbers; the message says why."""


@dataclass(frozen=True, slots=True)
class DeciderSpec:
    """What a decider is built from: a bundle's files, the documents of policy and product, their fingerprints."""

    fingerprint: str
    policy_fingerprint: str
    product_fingerprint: str
    files: Mapping[str, bytes] = field(compare=False, repr=False)
    policy: str = field(compare=False, repr=False)
    product: str = field(compare=False, repr=False)
    release: Release = field(compare=False, repr=False)


def identity(spec: DeciderSpec) -> DeciderSpec:
    """Return the argument. As a task's result, Dask passes it on to new workers and recreates it if it is lost."""
    return spec


def prepare_worker(spec: DeciderSpec) -> None:
    """Build the decider before the first chunk. Raises WorkerIncompatible."""
    _decider(spec)


def pack_loans(loans: pl.DataFrame, product: ProductDefinition) -> bytes:
    """The columns of these loans that deciding needs, serialized."""
    content = BytesIO()
    loans.select(*product.inputs, *measured_columns(loans)).write_ipc(content, compression="lz4")
    return content.getvalue()


def decide_packed(spec: DeciderSpec, loans: bytes) -> DecidedBlock:
    """The decisions on serialized loans in their order. Raises WorkerIncompatible."""
    block: DecidedBlock = _decider(spec).decide_now(pl.read_ipc(BytesIO(loans))).block
    return block


def _decider(spec: DeciderSpec) -> Any:
    if different := differences(spec.release, installed_versions()):
        raise WorkerIncompatible(f"{_worker_name()}: {'; '.join(different)}")
    with _build_lock:
        return build_decider(spec)


@lru_cache(_MAX_DECIDERS)
def build_decider(spec: DeciderSpec) -> Any:
    """A decider with one thread, since Dask gives each of the worker's threads a chunk of its own.

    Cached by model and policy. Raises WorkerIncompatible.
    """
    from adapters.scoring.portfolio.portfolio_decider import TablePortfolioDecider  # noqa: PLC0415 - numba, for workers alone

    try:
        product = product_from(spec.product)
        bundle = parse_bundle(spec.files, "the received bundle", product)
        policy = policy_from(spec.policy, product)
    except (BundleUnusable, InvalidPolicy, UnreadableProduct) as fault:
        raise WorkerIncompatible(f"{_worker_name()}: {fault}") from None  # the cause cannot be serialized
    if (bundle.fingerprint, policy.fingerprint) != (spec.fingerprint, spec.policy_fingerprint):
        raise WorkerIncompatible(
            f"{_worker_name()}: model {bundle.fingerprint} and policy {policy.fingerprint} arrived, "
            f"not {spec.fingerprint} and {spec.policy_fingerprint}"
        )
    return TablePortfolioDecider(bundle, policy, threads=1)


def _worker_name() -> str:
    return f"the worker {get_worker().address}"
