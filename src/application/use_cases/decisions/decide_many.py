"""Deciding together on applications that come at the same time: what they share is paid for once."""

from collections import deque
from collections.abc import Sequence

from application.ports.models.credit_model import CreditModel
from domain.decisions.decision import ApplicantEvaluation, Decision
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.policies.scoring_policy import ScoringPolicy

Decided = tuple[Prediction, Decision]
"""What the model said of an applicant, and what the policy made of it."""


def decide_many(
    model: CreditModel,
    policy: ScoringPolicy,
    applicants: Sequence[Characteristics],
    known: Sequence[Prediction | None] | None = None,
) -> list[Decided | Exception]:
    """Predictions and decisions of all: first the model on all of them, then the policy, then how much each of
    those who are not approved could have.

    A processor that goes on with the same work finds code and tables still in its caches. A prediction that is
    `known` is not asked for. What the model or the policy raises stands in the place of whom it was raised for,
    and there alone.
    """
    if not applicants:
        return []
    try:
        predictions = model.predict_all(applicants) if known is None else _predictions(model, applicants, known)
        evaluations = [
            ApplicantEvaluation.on(applicant, prediction, policy)
            for applicant, prediction in zip(applicants, predictions, strict=True)
        ]
        return _decided(model, evaluations)
    except Exception as fault:
        if len(applicants) == 1:
            return [fault]
        return [
            outcome
            for place, applicant in enumerate(applicants)
            for outcome in decide_many(model, policy, (applicant,), known and (known[place],))
        ]


def _decided(model: CreditModel, evaluations: Sequence[ApplicantEvaluation]) -> list[Decided | Exception]:
    reference = model.reference
    others = [evaluation.characteristics for evaluation in evaluations if not evaluation.approved]
    risks = deque(model.risks_by_amount(others) if others else ())
    return [
        (evaluation.prediction, evaluation.decision(reference, None if evaluation.approved else risks.popleft()))
        for evaluation in evaluations
    ]


def _predictions(
    model: CreditModel, applicants: Sequence[Characteristics], known: Sequence[Prediction | None]
) -> Sequence[Prediction]:
    unknown = [applicant for applicant, prediction in zip(applicants, known, strict=True) if prediction is None]
    made = deque(model.predict_all(unknown) if unknown else ())
    return [made.popleft() if prediction is None else prediction for prediction in known]
