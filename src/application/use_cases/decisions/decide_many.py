"""Decide several applications together, step by step."""

from collections import deque
from collections.abc import Sequence

from application.ports.models.credit_model import CreditModel
from domain.decisions.circumstances import Circumstances
from domain.decisions.decision import ApplicantEvaluation, Decision
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.policies.circumstance_measures import USUAL_FACTS
from domain.policies.scoring_policy import ScoringPolicy

Decided = tuple[Prediction, Decision]
"""The prediction for an applicant, and the decision."""


def decide_many(
    model: CreditModel,
    policy: ScoringPolicy,
    applicants: Sequence[Characteristics],
    known: Sequence[Prediction | None] | None = None,
    circumstances: Sequence[Circumstances] | None = None,
) -> list[Decided | Exception]:
    """The outcome for each applicant, in order.

    `known` holds predictions that need not be made, `circumstances` those of each application if any has some.

    The model predicts all of them, then the policy evaluates each, then the amounts are found that those who
    are not approved could have: while a step repeats, its code and tables stay in the processor's caches. An
    exception of the model or the policy is the outcome of the applicant that caused it, and of no other.
    """
    if not applicants:
        return []
    try:
        predictions = model.predict_all(applicants) if known is None else _predictions(model, applicants, known)
        usual = [USUAL_FACTS] * len(applicants)
        facts = usual if circumstances is None else [each.facts for each in circumstances]
        evaluations = [
            ApplicantEvaluation.on(applicant, prediction, policy, each)
            for applicant, prediction, each in zip(applicants, predictions, facts, strict=True)
        ]
        return _decided(model, policy, evaluations)
    except Exception as fault:
        if len(applicants) == 1:
            return [fault]
        return [
            outcome
            for index, applicant in enumerate(applicants)
            for outcome in decide_many(
                model, policy, (applicant,), known and (known[index],), circumstances and (circumstances[index],)
            )
        ]


def _decided(
    model: CreditModel, policy: ScoringPolicy, evaluations: Sequence[ApplicantEvaluation]
) -> list[Decided | Exception]:
    reference = model.reference_profile(policy.approve_below)
    unapproved = [evaluation.characteristics for evaluation in evaluations if not evaluation.approved]
    found = iter(model.risks_by_amount(unapproved) if unapproved else ())
    risks = [None if evaluation.approved else next(found) for evaluation in evaluations]
    amounts = [evaluation.amount(risk) for evaluation, risk in zip(evaluations, risks, strict=True)]
    others = [
        evaluation.other_terms(amount, risk)
        for evaluation, amount, risk in zip(evaluations, amounts, risks, strict=True)
    ]
    at_other_terms = [changed for each in others for changed in each]
    found = iter(model.risks_by_amount(at_other_terms) if at_other_terms else ())
    return [
        (evaluation.prediction, evaluation.decision(reference, amount, [(each, next(found)) for each in changed]))
        for evaluation, amount, changed in zip(evaluations, amounts, others, strict=True)
    ]


def _predictions(
    model: CreditModel, applicants: Sequence[Characteristics], known: Sequence[Prediction | None]
) -> Sequence[Prediction]:
    missing = [applicant for applicant, prediction in zip(applicants, known, strict=True) if prediction is None]
    predicted = deque(model.predict_all(missing) if missing else ())
    return [predicted.popleft() if prediction is None else prediction for prediction in known]
