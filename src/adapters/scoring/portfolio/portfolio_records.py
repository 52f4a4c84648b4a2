"""Converts columns to records: each row becomes the same `DecisionRecord` as a single decision."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.portfolio.applicant_columns import applicant_numbers
from adapters.scoring.portfolio.portfolio_block import DecidedBlock, DecisionBasis
from adapters.scoring.portfolio.portfolio_callers import identities
from adapters.scoring.portfolio.portfolio_circumstances import circumstances
from adapters.scoring.portfolio.portfolio_columns import enum_codes, to_cents, to_dollars
from application.ports.batches.portfolio import Origin
from domain.applications.loan_application import LoanApplication
from domain.applications.loan_terms import LoanTerms
from domain.applications.money import Money
from domain.decisions.decision import Decision
from domain.decisions.decision_record import DecisionRecord
from domain.models.prediction import Prediction
from domain.models.probability import PdInterval, ProbabilityOfDefault
from domain.policies.alternative_loan import AlternativeLoan
from domain.policies.outcome import CONFIDENCES, OUTCOMES
from domain.policies.pricing import Grade
from domain.products.fields import ChoiceField, Field
from domain.products.product_definition import ProductDefinition


def build_records(
    loans: pl.DataFrame,
    block: DecidedBlock,
    basis: DecisionBasis,
    identifiers: Sequence[UUID],
    origin: Origin,
) -> Iterator[DecisionRecord]:
    """One record per row in their order, created lazily."""
    model, terms = basis.model, basis.policy.review_terms
    parts = zip(
        identifiers,
        _applications(loans, basis.policy.product),
        _predictions(block, basis),
        _decisions(block, basis),
        identities(loans),
        circumstances(loans),
        applicant_numbers(loans),
        strict=True,
    )
    for identifier, application, prediction, decision, identity, noted, applicant_number in parts:
        yield DecisionRecord(
            decision_id=identifier,
            decided_at=origin.decided_at,
            requested_by=origin.requested_by,
            received_through=origin.received_through,
            application=application,
            prediction=prediction,
            decision=decision,
            model_version=model.version,
            model_fingerprint=model.fingerprint,
            policy_fingerprint=basis.policy.fingerprint,
            product_fingerprint=basis.policy.product.fingerprint,
            identity=identity,
            trial=origin.trial,
            circumstances=noted,
            applicant_number=applicant_number,
            case_due_at=None if origin.trial else terms.case_due_at(decision.outcome, origin.decided_at),
        )


def _applications(loans: pl.DataFrame, product: ProductDefinition) -> Iterator[LoanApplication]:
    columns = {field.name: _values(loans[field.name], field) for field in product.fields}
    amounts = map(Money, to_cents(loans[product.amount].cast(pl.Float64).to_numpy()).tolist())
    months = _months(loans[product.term], product)
    purposes = [None] * len(loans) if product.purpose is None else columns[product.purpose]
    terms = map(LoanTerms, amounts, months, purposes)
    names = tuple(name for name in columns if name not in (product.amount, product.term, product.purpose))
    version = product.product_version
    for loan_terms, *values in zip(terms, *(columns[name] for name in names), strict=True):
        yield LoanApplication(version, loan_terms, dict(zip(names, values, strict=True)))


def _values(column: pl.Series, field: Field) -> list[Any]:
    """The values of a field as an application has them."""
    if isinstance(field, ChoiceField):
        return column.cast(pl.String).to_list()
    if field.is_money:
        values = column.cast(pl.Float64).to_numpy()
        dollars = pl.Series(to_dollars(to_cents(np.nan_to_num(values))))
        return dollars.set(column.is_null(), None).to_list() if column.null_count() else dollars.to_list()
    return column.fill_nan(None).cast(pl.Int64 if field.whole else pl.Float64).to_list()


def _months(column: pl.Series, product: ProductDefinition) -> list[int]:
    if not isinstance(column.dtype, pl.Enum):
        return column.to_list()
    words, places = enum_codes(column)
    term = product.field_by_name[product.term]
    assert isinstance(term, ChoiceField)  # noqa: S101 - the definition was checked for it
    months = [int(term.number_by_choice[word]) for word in words]
    return [months[place] for place in places.tolist()]


def _predictions(block: DecidedBlock, basis: DecisionBasis) -> Iterator[Prediction]:
    outside = set(np.flatnonzero(block.out_of_domain.any(axis=1)).tolist())
    contributions, names = block.contributions.tolist(), basis.policy.product.characteristic_names
    rows = zip(
        block.log_odds.tolist(),
        block.pd.tolist(),
        block.pd_low.tolist(),
        block.pd_high.tolist(),
        block.half_width.tolist(),
        strict=True,
    )
    for place, (log_odds, pd, low, high, half_width) in enumerate(rows):
        yield Prediction(
            log_odds=log_odds,
            pd=ProbabilityOfDefault(pd),
            interval=PdInterval(low, high),
            base=basis.base,
            contributions=tuple(contributions[place]),
            out_of_domain=_names(block.out_of_domain[place], names) if place in outside else (),
            half_width=half_width,
        )


def _decisions(block: DecidedBlock, basis: DecisionBasis) -> Iterator[Decision]:
    policy, catalog = basis.policy, basis.catalog
    grades = policy.pricing.grades
    rows = zip(
        block.outcome.tolist(),
        block.confidence.tolist(),
        block.default_predicted.tolist(),
        block.points.tolist(),
        block.grade_index.tolist(),
        block.instalment.tolist(),
        block.recommended.tolist(),
        block.failed.tolist(),
        zip(block.rule_reasons.tolist(), block.score_reasons.tolist(), strict=True),
        block.stability.tolist(),
        block.alternatives.tolist(),
        strict=True,
    )
    for (
        outcome,
        confidence,
        default_predicted,
        points,
        grade,
        instalment,
        recommended,
        failed,
        keys,
        stability,
        alternative,
    ) in rows:
        yield Decision(
            outcome=OUTCOMES[outcome],
            confidence=CONFIDENCES[confidence],
            default_predicted=default_predicted,
            points=int(points),
            grade=grades[grade].name,
            annual_rate=grades[grade].annual_rate,
            instalment=Money(instalment),
            recommended_amount=Money(recommended),
            reasons=catalog.reasons(*keys),
            failed_rules=catalog.failed_rules(failed),
            policy_version=policy.version,
            reasons_of_rules=len(catalog.of_rules(keys[0])),
            outcome_stability=stability if policy.states_stability else None,
            alternative=_alternative(alternative, grades) if alternative[0] else None,
        )


def _alternative(values: Sequence[float], grades: Sequence[Grade]) -> AlternativeLoan:
    amount, term, grade, instalment = values
    rate = grades[int(grade)].annual_rate
    return AlternativeLoan(Money.of(amount), int(term), rate, Money.of(instalment))


def _names(outside: NDArray[np.bool_], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name, flag in zip(names, outside, strict=True) if flag)
