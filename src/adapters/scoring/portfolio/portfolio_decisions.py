"""The decisions on a chunk: counts, results for a file, and individual records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Self
from uuid import UUID

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from adapters.scoring.portfolio.portfolio_block import DecidedBlock, DecisionBasis, Integers
from adapters.scoring.portfolio.portfolio_callers import caller_columns
from adapters.scoring.portfolio.portfolio_columns import to_dollars
from adapters.scoring.portfolio.portfolio_reasons import SEPARATOR
from adapters.scoring.portfolio.portfolio_records import build_records
from adapters.scoring.portfolio.repeated_rows import without_rows
from application.ports.batches.portfolio import DecidedLoans, LoanChunk, Origin, RefusedRow
from domain.decisions.decision import declined_for_more
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import CONFIDENCES, OUTCOMES, Outcome


@dataclass(frozen=True, slots=True, eq=False)
class DecidedColumns(DecidedLoans):
    """The decisions on `loans`, one per row."""

    loans: pl.DataFrame
    block: DecidedBlock
    basis: DecisionBasis

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        counts = np.bincount(self.block.outcome.astype(np.int64), minlength=len(OUTCOMES)).tolist()
        return dict(zip(OUTCOMES, counts, strict=True))

    @property
    def declined(self) -> Sequence[int]:
        rows: list[int] = np.flatnonzero(self.block.outcome == Outcome.DECLINED.severity).tolist()
        keys = zip(self.block.rule_reasons[rows].tolist(), self.block.score_reasons[rows].tolist(), strict=True)
        reasons = self.basis.catalog.reasons
        return [row for row, key in zip(rows, keys, strict=True) if declined_for_more(reasons(*key))]

    def replaced(self, rows: Sequence[int], loans: pl.DataFrame, decided: Self) -> Self:
        noted = [name for name in self.loans.columns if name not in loans.columns]  # by deciding: ages of reports
        columns = [self.loans[name].clone().scatter(rows, decided.loans[name]) for name in noted]
        return replace(self, loans=loans.with_columns(columns), block=self.block.replaced(rows, decided.block))

    def records(self, identifiers: Sequence[UUID], origin: Origin) -> Iterator[DecisionRecord]:
        """One record per row, about twenty microseconds each."""
        return build_records(self.loans, self.block, self.basis, identifiers, origin)

    def without(
        self,
        chunk: LoanChunk,
        refused: Mapping[int, RefusedRow],
        recorded: Mapping[int, DecisionRecord],
        twins: Mapping[int, int] = MappingProxyType({}),
    ) -> LoanChunk:
        return without_rows(chunk, refused, recorded, twins)

    def results(self, identifiers: Sequence[UUID] | None, repeated: pl.DataFrame | None = None) -> pl.DataFrame:
        """The columns of a results file, the caller's last; `decision_id` is null if nothing is recorded."""
        block, policy = self.block, self.basis.policy
        grades = [grade.name for grade in policy.pricing.grades]
        columns: dict[str, Any] = {
            "row": self.loans["row"],
            "prediction": block.default_predicted.astype(np.int64),
            "probability": 1 - block.pd,
            "confidence": _labels([each.value for each in CONFIDENCES], block.confidence),
            "recommended_amount": to_dollars(block.recommended),
            "risk_score": 100 * block.pd,
            "model_version": _constant(self.basis.model.version, len(block.pd)),
            "probability_of_default": block.pd,
            "outcome": _labels([each.value for each in OUTCOMES], block.outcome),
            "score_points": block.points.astype(np.int64),
            "grade": _labels(grades, block.grade_index),
            "reason_codes": self.basis.catalog.texts(block.rule_reasons, block.score_reasons),
            "policy_version": _constant(policy.version, len(block.pd)),
            "decision_id": _identifier_texts(identifiers, len(block.pd)),
            "out_of_domain": _names_outside(block.out_of_domain, policy.product.characteristic_names),
            "outcome_stability": pl.Series(block.stability).fill_nan(None),
            **_alternatives(block.alternatives),
        }
        results = pl.DataFrame(columns | caller_columns(self.loans, columns))
        return results if repeated is None else pl.concat([results, repeated], how="vertical_relaxed").sort("row")


def _alternatives(alternatives: Floats) -> dict[str, pl.Series]:
    """Amount and term of the alternatives; null where there is none."""
    amounts = np.where(alternatives[:, 0] > 0, alternatives[:, 0], np.nan)
    terms = np.where(alternatives[:, 0] > 0, alternatives[:, 1], np.nan)
    return {
        "alternative_amount": pl.Series(amounts).fill_nan(None),
        "alternative_term": pl.Series(terms).fill_nan(None).cast(pl.Int64),
    }


def _labels(names: Sequence[str], places: Integers) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(places)


def _names_outside(outside: NDArray[np.bool_], names: Sequence[str]) -> pl.Series:
    """The names of the characteristics outside the training population, one text per row."""
    distinct, places = np.unique(outside @ (1 << np.arange(len(names))), return_inverse=True)
    texts = [
        SEPARATOR.join(name for place, name in enumerate(names) if bits >> place & 1) for bits in distinct.tolist()
    ]
    return pl.Series(texts, dtype=pl.String).gather(places)


def _constant(text: str | None, rows: int) -> pl.Series:
    return pl.Series([text], dtype=pl.String).new_from_index(0, rows)


def _identifier_texts(identifiers: Sequence[UUID] | None, rows: int) -> pl.Series:
    if identifiers is None:
        return _constant(None, rows)
    return pl.Series([str(each) for each in identifiers], dtype=pl.String)
