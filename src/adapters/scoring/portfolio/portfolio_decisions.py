"""What was decided on a chunk, by column: counted, as results for a file, and as records one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
import polars as pl

from adapters.scoring.portfolio.portfolio_block import DecidedBlock, DecidedUnder, Whole
from adapters.scoring.portfolio.portfolio_columns import dollars_of
from adapters.scoring.portfolio.portfolio_reasons import SEPARATOR
from adapters.scoring.portfolio.portfolio_records import record_rows
from application.ports.batches.portfolio import DecidedLoans
from domain.access.user import Actor
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import CHARACTERISTIC_NAMES
from domain.policies.outcome import CONFIDENCES, OUTCOMES, Outcome

_BITS = 1 << np.arange(len(CHARACTERISTIC_NAMES))
_STRANGE = pl.Series(
    [
        SEPARATOR.join(name for place, name in enumerate(CHARACTERISTIC_NAMES) if bits >> place & 1)
        for bits in range(1 << len(CHARACTERISTIC_NAMES))
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class DecidedColumns(DecidedLoans):
    """The decisions on `loans`, an accepted row each."""

    loans: pl.DataFrame
    block: DecidedBlock
    under: DecidedUnder

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """How many of each."""
        counts = np.bincount(self.block.outcome.astype(np.int64), minlength=len(OUTCOMES)).tolist()
        return dict(zip(OUTCOMES, counts, strict=True))

    def records(
        self, identifiers: Sequence[UUID], *, decided_at: datetime, requested_by: Actor, channel: str
    ) -> Iterator[DecisionRecord]:
        """A record a row, some twenty microseconds each."""
        block, under = self.block, self.under
        return record_rows(
            self.loans,
            block,
            under,
            identifiers,
            decided_at=decided_at,
            requested_by=requested_by,
            channel=channel,
        )

    def results(self, identifiers: Sequence[UUID] | None) -> pl.DataFrame:
        """The contract's names, and what goes with them; `decision_id` is null where nothing is on record."""
        block, policy = self.block, self.under.policy
        grades = [grade.name for grade in policy.product.grades]
        return pl.DataFrame(
            {
                "row": self.loans["row"],
                "prediction": block.default_predicted.astype(np.int64),
                "probability": 1 - block.pd,
                "confidence": _named([each.value for each in CONFIDENCES], block.confidence),
                "recommended_amount": dollars_of(block.recommended),
                "risk_score": 100 * block.pd,
                "model_version": _same(self.under.model.version, len(block.pd)),
                "probability_of_default": block.pd,
                "outcome": _named([each.value for each in OUTCOMES], block.outcome),
                "score_points": block.points.astype(np.int64),
                "grade": _named(grades, block.grade_index),
                "reason_codes": self.under.catalogue.texts(block.reasons),
                "policy_version": _same(policy.version, len(block.pd)),
                "decision_id": _texts(identifiers, len(block.pd)),
                "out_of_domain": _STRANGE.gather(block.out_of_domain @ _BITS),
            }
        )


def _named(names: Sequence[str], places: Whole) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(places)


def _same(text: str | None, rows: int) -> pl.Series:
    return pl.Series([text], dtype=pl.String).new_from_index(0, rows)


def _texts(identifiers: Sequence[UUID] | None, rows: int) -> pl.Series:
    if identifiers is None:
        return _same(None, rows)
    return pl.Series([str(each) for each in identifiers], dtype=pl.String)
