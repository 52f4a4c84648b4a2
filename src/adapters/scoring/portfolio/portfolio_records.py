"""Converts columns to records: each row becomes the same `DecisionRecord` as a single decision."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import TypeVar
from uuid import UUID

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.portfolio.portfolio_block import DecidedBlock, DecisionBasis
from adapters.scoring.portfolio.portfolio_columns import enum_codes, to_cents
from domain.access.user import Actor
from domain.applications.applicant import Applicant, CreditHistory, EmploymentLength, FicoBand, HomeOwnership
from domain.applications.loan_application import LoanApplication
from domain.applications.loan_terms import LoanTerms, Purpose, Term
from domain.applications.money import Money
from domain.decisions.decision import Decision
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import CHARACTERISTIC_NAMES
from domain.models.prediction import Prediction
from domain.models.probability import PdInterval, ProbabilityOfDefault
from domain.policies.outcome import CONFIDENCES, OUTCOMES

Word = TypeVar("Word", bound=Enum)


def build_records(
    loans: pl.DataFrame,
    block: DecidedBlock,
    basis: DecisionBasis,
    identifiers: Sequence[UUID],
    *,
    decided_at: datetime,
    requested_by: Actor,
    channel: str,
) -> Iterator[DecisionRecord]:
    """One record per row in their order, created lazily."""
    model = basis.model
    parts = zip(
        identifiers, _applications(loans), _predictions(block, basis), _decisions(block, basis), strict=True
    )
    for identifier, application, prediction, decision in parts:
        yield DecisionRecord(
            decision_id=identifier,
            decided_at=decided_at,
            requested_by=requested_by,
            channel=channel,
            application=application,
            prediction=prediction,
            decision=decision,
            model_version=model.version,
            model_fingerprint=model.fingerprint,
            policy_fingerprint=basis.policy.fingerprint,
        )


def _applications(loans: pl.DataFrame) -> Iterator[LoanApplication]:
    terms = {term.value: term for term in Term}
    histories = map(
        CreditHistory,
        map(FicoBand, _integers(loans["fico_range_low"]), _integers(loans["fico_range_high"])),
        loans["dti"].to_list(),
        loans["revol_util"].fill_nan(None).to_list(),
        *(_integers(loans[name]) for name in ("inq_last_6mths", "delinq_2yrs", "pub_rec")),
    )
    employment = _members(loans["emp_length"], EmploymentLength)
    homes = _members(loans["home_ownership"], HomeOwnership)
    applicants = map(Applicant, map(Money, _cents(loans["annual_inc"])), employment, homes, histories)
    loan_terms = map(
        LoanTerms,
        map(Money, _cents(loans["loan_amnt"])),
        [terms[months] for months in loans["term"].to_list()],
        _members(loans["purpose"], Purpose),
    )
    return map(LoanApplication, applicants, loan_terms)


def _predictions(block: DecidedBlock, basis: DecisionBasis) -> Iterator[Prediction]:
    outside = set(np.flatnonzero(block.out_of_domain.any(axis=1)).tolist())
    contributions = block.contributions.tolist()
    rows = zip(
        block.log_odds.tolist(), block.pd.tolist(), block.pd_low.tolist(), block.pd_high.tolist(), strict=True
    )
    for place, (log_odds, pd, low, high) in enumerate(rows):
        yield Prediction(
            log_odds=log_odds,
            pd=ProbabilityOfDefault(pd),
            interval=PdInterval(low, high),
            base=basis.base,
            contributions=tuple(contributions[place]),
            out_of_domain=_names(block.out_of_domain[place]) if place in outside else (),
        )


def _decisions(block: DecidedBlock, basis: DecisionBasis) -> Iterator[Decision]:
    policy, catalog = basis.policy, basis.catalog
    grades = policy.product.grades
    rows = zip(
        block.outcome.tolist(),
        block.confidence.tolist(),
        block.default_predicted.tolist(),
        block.points.tolist(),
        block.grade_index.tolist(),
        block.instalment.tolist(),
        block.recommended.tolist(),
        block.reasons.tolist(),
        block.failed.tolist(),
        strict=True,
    )
    for outcome, confidence, default_predicted, points, grade, instalment, recommended, reasons, failed in rows:
        yield Decision(
            outcome=OUTCOMES[outcome],
            confidence=CONFIDENCES[confidence],
            default_predicted=default_predicted,
            points=int(points),
            grade=grades[grade].name,
            annual_rate=grades[grade].annual_rate,
            instalment=Money(instalment),
            recommended_amount=Money(recommended),
            reasons=catalog.reasons(reasons),
            failed_rules=catalog.failed_rules(failed),
            policy_version=policy.version,
        )


def _cents(column: pl.Series) -> list[int]:
    cents: list[int] = to_cents(column.to_numpy()).tolist()
    return cents


def _integers(column: pl.Series) -> list[int]:
    return column.cast(pl.Int64).to_list()


def _members(column: pl.Series, kind: type[Word]) -> list[Word]:
    words, places = enum_codes(column)
    members = [kind(word) for word in words]
    return [members[place] for place in places.tolist()]


def _names(outside: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(name for name, flag in zip(CHARACTERISTIC_NAMES, outside, strict=True) if flag)
