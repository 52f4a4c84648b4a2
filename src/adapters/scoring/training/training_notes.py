"""What a model card says about the training data besides their figures, and the economics of the lending.

Notes are a TOML file of the lender's. Without one, the card describes the given file only.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from adapters.scoring.training.evaluation.economics import Economics
from domain.products.product_definition import ProductDefinition

_GRANTED_ONLY = "Only loans that were granted have outcomes: those declined at the time are unknown to the model."
_OUTSIDE = (
    "Applicants beyond the ranges of the training population, on the side of more risk, are marked; their PD is an"
    " extrapolation."
)
_DISPARATE_IMPACT = (
    "No protected attribute is known for these loans, so disparate impact was not measured here; it is to be"
    " measured on the lender's own applicants before use and thereafter."
)


class InvalidNotes(ValueError):
    """The file is not notes on training data; the message says why."""


class TrainingNotes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Notes on the loans of one training; what is None or empty is derived from product and file.

    Loans from `recent_from` on are weighted and tested apart; None for the last quarter of the loans. Without
    `economics` no profit is computed. `limits` are added to those that hold for any model.
    """

    intended_use: str | None = None
    source: str | None = None
    limits: tuple[str, ...] = ()
    fairness: str | None = None
    incomplete: str = "without a value that is required"
    rate_charged: str = "AUC of the rate charged"
    recent_from: date | None = None
    economics: Economics | None = None


NO_NOTES = TrainingNotes()


def read_notes(file: Path) -> TrainingNotes:
    """The notes in a TOML file; raises InvalidNotes."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), TrainingNotes)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        raise InvalidNotes(
            f"{file} cannot be read as notes on training data: {fault}. See models/champion_notes.toml for an"
            " example."
        ) from fault


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file of loans: its name, SHA-256 in hexadecimal, and how many of its rows could not be read."""

    name: str
    digest: str
    rows_refused: int


@dataclass(frozen=True, slots=True)
class CardTexts:
    """The texts of a model card, from notes, product and source file."""

    intended_use: str
    source: str
    limits: Sequence[str]
    fairness: str
    incomplete: str
    rate_charged: str
    unconstrained: str

    @classmethod
    def of(cls, notes: TrainingNotes, product: ProductDefinition, file: SourceFile | None) -> "CardTexts":
        """The texts; `unconstrained` names the characteristics with which the PD may rise and fall."""
        free = [each.name for each in product.characteristics if not each.direction]
        labels = [product.field_by_name[name].label.lower() for name in free]
        return cls(
            intended_use=notes.intended_use or _intended_use(product),
            source=notes.source or (f"The file {file.name}" if file else "Loans given to the training"),
            limits=(_GRANTED_ONLY, *notes.limits, _OUTSIDE, _DISPARATE_IMPACT),
            fairness=notes.fairness or _fairness(product),
            incomplete=notes.incomplete,
            rate_charged=notes.rate_charged,
            unconstrained=" and ".join(filter(None, (", ".join(labels[:-1]), *labels[-1:]))) or "nothing",
        )


def _intended_use(product: ProductDefinition) -> str:
    return (
        f"The probability that a loan of the product {product.name} ({product.label}), version {product.version},"
        " is charged off or defaults within its term, for applications like those in the data."
    )


def _fairness(product: ProductDefinition) -> str:
    return (
        "Race, color, religion, national origin, sex, marital status, age, receipt of public assistance, or the"
        " exercise of consumer credit rights (15 U.S.C. 1691) must never be inputs; nor what can replace them,"
        " such as a name, an address or a ZIP code. The inputs of this model are"
        f" {', '.join(product.characteristic_names)}."
    )
