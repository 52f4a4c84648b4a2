"""Training a model from the command line."""

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from adapters.loan_files import REQUIRED_WHEN_TRAINING, RefusedField, read_loans
from adapters.loan_files.patterns.examination import Examination
from adapters.scoring.bundles.bundle import CARD_JSON, CHECKSUMS
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.policies.pricing import Grade
from domain.products.product_definition import ProductDefinition
from entrypoints.composition.initial_policy import NoInitialPolicy, initial_policy
from entrypoints.configuration.settings import Settings


class TrainingFailed(Exception):
    """No model could be trained from these loans, and nothing was written."""


@dataclass(frozen=True, slots=True)
class ModelTrained:
    """A new bundle: its version, fingerprint and model card, remarks on the file, and the rows that could not be
    read."""

    version: str
    fingerprint: str
    card: dict[str, Any]
    rows_read: int
    rows_refused: int
    remarks: tuple[str, ...]
    first_faults: tuple[RefusedField, ...]


def pricing_grades(settings: Settings, product: ProductDefinition) -> Sequence[Grade]:
    """The grades of the configured policy if it is for the product, otherwise none."""
    try:
        policy = initial_policy(settings)
    except NoInitialPolicy:
        return ()
    return policy.pricing.grades if policy.product.product_version == product.product_version else ()


def train_from_file(
    product: ProductDefinition,
    file: Path,
    out: Path,
    *,
    version: str,
    notes_file: Path | None = None,
    conventions: FileConventions = AS_DEFINED,
    grades: Sequence[Grade] = (),
    seed: int,
    refits: int,
    trees: int,
    report: Callable[[str, float], None],
) -> ModelTrained:
    """Train a model on a file of the product's loans and write its bundle.

    `notes_file` describes the loans, `conventions` say how the file writes its numbers, and `grades` are those of
    the policy. Raises LoanFileUnreadable, TrainingFailed and OSError.
    """
    from adapters.scoring.compiling.agreement import TablesDisagree  # noqa: PLC0415 - LightGBM is slow to import
    from adapters.scoring.compiling.directions import WrongDirection  # noqa: PLC0415 - as above
    from adapters.scoring.training.fitting.boosting import TreeSettings  # noqa: PLC0415 - as above
    from adapters.scoring.training.train import train  # noqa: PLC0415 - as above
    from adapters.scoring.training.training_notes import (  # noqa: PLC0415 - as above
        NO_NOTES,
        InvalidNotes,
        SourceFile,
        read_notes,
    )
    from adapters.scoring.training.write_bundle import InvalidBundleFolder  # noqa: PLC0415 - as above

    if out.is_dir() and any(out.iterdir()) and not (out / CHECKSUMS).exists():
        raise TrainingFailed(f"{out} is not a model bundle: choose an empty or a new folder")
    try:
        notes = NO_NOTES if notes_file is None else read_notes(notes_file)
    except InvalidNotes as fault:
        raise TrainingFailed(str(fault)) from fault
    frames: list[pl.DataFrame] = []
    faults: list[RefusedField] = []
    examination = Examination(file, product, conventions)
    deque(examination.blocks(), maxlen=0)
    chunks = read_loans(file, product, outcomes=True, required=REQUIRED_WHEN_TRAINING, conventions=conventions)
    for chunk in chunks:
        frames.append(chunk.rows)
        faults += chunk.refused_fields()
    loans = pl.concat(frames)
    refused = len({fault.row for fault in faults})
    try:
        bundle = train(
            loans,
            out,
            product=product,
            notes=notes,
            file=SourceFile(file.name, _digest(file), refused),
            grades=grades,
            seed=seed,
            version=version,
            settings=TreeSettings(trees=trees),
            refits=refits,
            report=report,
        )
    except (InvalidBundleFolder, TablesDisagree, WrongDirection, ValueError) as fault:
        raise TrainingFailed(f"{file}: {fault}{_rejected(faults, refused)}") from fault
    return ModelTrained(
        version=bundle.manifest.model_version,
        fingerprint=bundle.fingerprint,
        card=msgspec.json.decode((out / CARD_JSON).read_bytes()),
        rows_read=loans.height + refused,
        rows_refused=refused,
        remarks=examination.remarks,
        first_faults=tuple(faults[:5]),
    )


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _rejected(faults: Sequence[RefusedField], refused: int) -> str:
    """The rows that could not be read, which may be why too few loans are left."""
    if not faults:
        return ""
    first = "".join(f"\n  line {each.line}: {each.field} {each.value!r} {each.reason}" for each in faults[:5])
    return f"; rows that could not be read: {refused:,}, the first:{first}"
