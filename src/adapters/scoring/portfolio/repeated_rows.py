"""Rows of a chunk that are not decided with the others: they are refused, or their decision is on record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from adapters.scoring.portfolio.portfolio_callers import caller_columns
from adapters.scoring.portfolio.portfolio_reasons import SEPARATOR
from application.ports.batches.portfolio import LoanChunk, RefusedRow
from domain.decisions.decision_record import DecisionRecord


def without_rows(
    chunk: LoanChunk,
    refused: Mapping[int, RefusedRow],
    recorded: Mapping[int, DecisionRecord],
    twins: Mapping[int, int],
) -> LoanChunk:
    """The chunk without some loans, which are refused, have a decision, or repeat others."""
    loans: pl.DataFrame = chunk.loans
    taken = {*refused, *recorded, *twins}
    left = [row for row in range(loans.height) if row not in taken]
    places = {row: place for place, row in enumerate(left)}
    errors = _errors(loans, refused).cast(dict(chunk.refused.schema))
    first = chunk.first_refusal
    if refused and not first:
        row, line, field, _, reason = errors.row(0)
        first = f"row {row}, line {line}: {field} {reason}"
    results = _results(loans[list(recorded)], list(recorded.values())) if recorded else None
    if chunk.repeated is not None:
        results = chunk.repeated if results is None else pl.concat([chunk.repeated, results])
    outcomes = Counter(chunk.repeated_outcomes)
    outcomes.update(record.decision.outcome for record in recorded.values())
    return replace(
        chunk,
        loans=loans[left],
        refused=pl.concat([chunk.refused, errors]).sort("row", maintain_order=True),
        rows_refused=chunk.rows_refused + len(refused),
        first_refusal=first,
        repeated=results,
        repeated_outcomes=outcomes,
        twins=loans[list(twins)] if twins else None,
        twin_of=[places[row] for row in twins.values()],
    )


def _errors(loans: pl.DataFrame, refused: Mapping[int, RefusedRow]) -> pl.DataFrame:
    rows = loans[list(refused)]
    fields = [each.field for each in refused.values()]
    return pl.DataFrame(
        {
            "row": rows["row"],
            "line": rows["line"],
            "field": fields,
            "value": [rows[field][place] for place, field in enumerate(fields)],
            "reason": [each.reason for each in refused.values()],
        }
    )


def _results(loans: pl.DataFrame, records: Sequence[DecisionRecord]) -> pl.DataFrame:
    """The columns of a results file, as `DecidedColumns.results` makes them."""
    decisions, predictions = [each.decision for each in records], [each.prediction for each in records]
    alternatives = [each.alternative for each in decisions]
    columns: dict[str, Any] = {
        "row": loans["row"],
        "prediction": pl.Series([int(each.default_predicted) for each in decisions], dtype=pl.Int64),
        "probability": [1 - each.pd.value for each in predictions],
        "confidence": [each.confidence.value for each in decisions],
        "recommended_amount": [each.recommended_amount.dollars for each in decisions],
        "risk_score": [100 * each.pd.value for each in predictions],
        "model_version": [each.model_version for each in records],
        "probability_of_default": [each.pd.value for each in predictions],
        "outcome": [each.outcome.value for each in decisions],
        "score_points": pl.Series([each.points for each in decisions], dtype=pl.Int64),
        "grade": [each.grade for each in decisions],
        "reason_codes": [SEPARATOR.join(reason.code for reason in each.reasons) for each in decisions],
        "policy_version": [each.policy_version for each in decisions],
        "decision_id": [str(each.decision_id) for each in records],
        "out_of_domain": [SEPARATOR.join(each.out_of_domain) for each in predictions],
        "outcome_stability": pl.Series([each.outcome_stability for each in decisions], dtype=pl.Float64),
        "alternative_amount": pl.Series([each and each.amount.dollars for each in alternatives], dtype=pl.Float64),
        "alternative_term": pl.Series([each and each.term for each in alternatives], dtype=pl.Int64),
    }
    return pl.DataFrame(columns | caller_columns(loans, columns))
