"""From columns to records: each row as the very `DecisionRecord` that one at a time would give."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import TypeVar
from uuid import UUID

import numpy as np
import polars as pl

from adapters.scoring.portfolio.portfolio_block import DecidedBlock, DecidedUnder
from adapters.scoring.portfolio.portfolio_columns import cents_of, words_of
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


def record_rows(
    loans: pl.DataFrame,
    block: DecidedBlock,
    under: DecidedUnder,
    identifiers: Sequence[UUID],
    *,
    decided_at: datetime,
    requested_by: Actor,
    channel: str,
) -> Iterator[DecisionRecord]:
    """A record a row, in the order of the rows, each made when it is asked for."""
    model = under.model
    parts = zip(
        identifiers, _applications(loans), _predictions(block, under), _decisions(block, under), strict=True
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
            policy_fingerprint=under.policy.fingerprint,
        )


def _applications(loans: pl.DataFrame) -> Iterator[LoanApplication]:
    terms = {term.value: term for term in Term}
    rows = zip(
        _cents(loans["annual_inc"]),
        _members(loans["emp_length"], EmploymentLength),
        _members(loans["home_ownership"], HomeOwnership),
        _cents(loans["loan_amnt"]),
        loans["term"].to_list(),
        _members(loans["purpose"], Purpose),
        _whole(loans["fico_range_low"]),
        _whole(loans["fico_range_high"]),
        loans["dti"].to_list(),
        loans["revol_util"].fill_nan(None).to_list(),
        _whole(loans["inq_last_6mths"]),
        _whole(loans["delinq_2yrs"]),
        _whole(loans["pub_rec"]),
        strict=True,
    )
    for (
        income,
        employed,
        home,
        amount,
        term,
        purpose,
        low,
        high,
        dti,
        utilisation,
        inquiries,
        late,
        public,
    ) in rows:
        history = CreditHistory(FicoBand(low, high), dti, utilisation, inquiries, late, public)
        applicant = Applicant(Money(income), employed, home, history)
        yield LoanApplication(applicant, LoanTerms(Money(amount), terms[term], purpose))


def _predictions(block: DecidedBlock, under: DecidedUnder) -> Iterator[Prediction]:
    none: tuple[str, ...] = ()
    strange = set(np.flatnonzero(block.out_of_domain.any(axis=1)).tolist())
    contributions = block.contributions.tolist()
    rows = zip(
        block.log_odds.tolist(), block.pd.tolist(), block.pd_low.tolist(), block.pd_high.tolist(), strict=True
    )
    for place, (log_odds, pd, low, high) in enumerate(rows):
        yield Prediction(
            log_odds=log_odds,
            pd=ProbabilityOfDefault(pd),
            interval=PdInterval(low, high),
            base=under.base,
            contributions=tuple(contributions[place]),
            out_of_domain=_names(list(block.out_of_domain[place])) if place in strange else none,
        )


def _decisions(block: DecidedBlock, under: DecidedUnder) -> Iterator[Decision]:
    policy, catalogue = under.policy, under.catalogue
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
    for outcome, certainty, default, points, grade, instalment, recommended, reasons, failed in rows:
        yield Decision(
            outcome=OUTCOMES[outcome],
            confidence=CONFIDENCES[certainty],
            default_predicted=default,
            points=int(points),
            grade=grades[grade].name,
            annual_rate=grades[grade].annual_rate,
            instalment=Money(instalment),
            recommended_amount=Money(recommended),
            reasons=catalogue.reasons(reasons),
            failed_rules=catalogue.failed_rules(failed),
            policy_version=policy.version,
        )


def _cents(column: pl.Series) -> list[int]:
    cents: list[int] = cents_of(column.to_numpy()).tolist()
    return cents


def _whole(column: pl.Series) -> list[int]:
    return column.cast(pl.Int64).to_list()


def _members(column: pl.Series, kind: type[Word]) -> list[Word]:
    words, places = words_of(column)
    members = [kind(word) for word in words]
    return [members[place] for place in places.tolist()]


def _names(strange: list[bool]) -> tuple[str, ...]:
    return tuple(name for name, flag in zip(CHARACTERISTIC_NAMES, strange, strict=True) if flag)
