"""What is known of applicants as columns of a chunk, beside those of the file."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import polars as pl

from adapters.scoring.portfolio.portfolio_circumstances import EXPOSURE, RELATED, SINCE_APPLICATION, SINCE_DECLINE
from application.ports.batches.applicant_columns import ApplicantColumns
from domain.applications.superseding import SUPERSEDES, SUPERSEDES_REASON, SupersedesReason, Superseding
from domain.decisions.circumstances import Circumstances

REFERENCE = "applicant_reference"
NUMBER = "history:applicant_number"

_TYPES: Mapping[str, pl.DataType] = {
    SINCE_APPLICATION: pl.Float64(),
    SINCE_DECLINE: pl.Float64(),
    EXPOSURE: pl.Int64(),
    RELATED: pl.List(pl.String),
}


class PortfolioApplicants(ApplicantColumns):
    """Reads and adds columns of polars frames of accepted loans. A fact that does not exist is null."""

    def references(self, loans: pl.DataFrame) -> Sequence[str | None] | None:
        if REFERENCE not in loans.columns or loans[REFERENCE].null_count() == loans.height:
            return None
        return loans[REFERENCE].to_list()

    def superseding(self, loans: pl.DataFrame) -> Mapping[int, Superseding]:
        if SUPERSEDES not in loans.columns:
            return {}
        rows = loans[SUPERSEDES].is_not_null().arg_true().to_list()
        given = loans[rows].select(SUPERSEDES, SUPERSEDES_REASON).rows()
        return {
            row: Superseding(UUID(decision_id), SupersedesReason(reason))
            for row, (decision_id, reason) in zip(rows, given, strict=True)
        }

    def with_histories(
        self, loans: pl.DataFrame, histories: Mapping[int, Circumstances], numbers: Sequence[int | None] | None
    ) -> pl.DataFrame:
        columns = [] if numbers is None else [pl.Series(NUMBER, numbers, dtype=pl.Int64)]
        if histories:
            facts = [_facts(histories.get(row)) for row in range(loans.height)]
            columns += [
                pl.Series(name, values, dtype=dtype)
                for (name, dtype), values in zip(_TYPES.items(), zip(*facts, strict=True), strict=True)
            ]
        return loans.with_columns(columns)

    def select(self, loans: pl.DataFrame, rows: Sequence[int]) -> pl.DataFrame:
        return loans[list(rows)]


def _facts(found: Circumstances | None) -> tuple[float | None, float | None, int | None, list[str] | None]:
    if found is None:
        return None, None, None, None
    exposure = None if found.accepted_exposure is None else found.accepted_exposure.cents
    return (
        found.days_since_application,
        found.days_since_decline,
        exposure,
        [str(each) for each in found.related] or None,
    )


def applicant_numbers(loans: pl.DataFrame) -> list[int | None]:
    """The `applicant_number` of each loan."""
    return loans[NUMBER].to_list() if NUMBER in loans.columns else [None] * loans.height
