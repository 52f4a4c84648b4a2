"""Training a model from the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from adapters.loan_files import REQUIRED_WHEN_TRAINING, RefusedField, read_loans
from adapters.scoring.bundles.bundle import CARD_JSON, CHECKSUMS
from domain.products.product_definition import ProductDefinition


class TrainingFailed(Exception):
    """No model could be trained from these loans, and nothing was written."""


@dataclass(frozen=True, slots=True)
class ModelTrained:
    """A new bundle: its version, fingerprint and model card, and the rows that could not be read."""

    version: str
    fingerprint: str
    card: dict[str, Any]
    rows_read: int
    rows_refused: int
    first_faults: tuple[RefusedField, ...]


def train_from_file(
    product: ProductDefinition,
    file: Path,
    out: Path,
    *,
    version: str,
    seed: int,
    refits: int,
    trees: int,
    report: Callable[[str, float], None],
) -> ModelTrained:
    """Train a model on a file of the product's loans and write its bundle.

    Raises LoanFileUnreadable, TrainingFailed and OSError.
    """
    from adapters.scoring.compiling.agreement import TablesDisagree  # noqa: PLC0415 - LightGBM is slow to import
    from adapters.scoring.compiling.directions import WrongDirection  # noqa: PLC0415 - as above
    from adapters.scoring.training.fitting.boosting import TreeSettings  # noqa: PLC0415 - as above
    from adapters.scoring.training.train import train  # noqa: PLC0415 - as above
    from adapters.scoring.training.write_bundle import InvalidBundleFolder  # noqa: PLC0415 - as above

    if out.is_dir() and any(out.iterdir()) and not (out / CHECKSUMS).exists():
        raise TrainingFailed(f"{out} is not a model bundle: choose an empty or a new folder")
    frames: list[pl.DataFrame] = []
    faults: list[RefusedField] = []
    wanted = read_loans(file, product, outcomes=True, required=REQUIRED_WHEN_TRAINING)
    for chunk in wanted:
        frames.append(chunk.rows)
        faults += chunk.refused_fields()
    loans = pl.concat(frames)
    try:
        bundle = train(
            loans,
            out,
            product=product,
            seed=seed,
            version=version,
            settings=TreeSettings(trees=trees),
            refits=refits,
            report=report,
        )
    except (InvalidBundleFolder, TablesDisagree, WrongDirection, ValueError) as fault:
        raise TrainingFailed(f"{file}: {fault}") from fault
    refused = len({fault.row for fault in faults})
    return ModelTrained(
        version=bundle.manifest.model_version,
        fingerprint=bundle.fingerprint,
        card=msgspec.json.decode((out / CARD_JSON).read_bytes()),
        rows_read=loans.height + refused,
        rows_refused=refused,
        first_faults=tuple(faults[:5]),
    )
