"""The decision on one loan application: outcome, recommended amount, confidence and reasons."""

from collections.abc import Callable, Sequence
from typing import Self

from domain.applications.money import Money
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.outcome import CONFIDENCES, OUTCOMES, Confidence, Outcome
from domain.policies.reasons import MAX_REASONS, AdverseActionReason, principal_score_reasons
from domain.policies.recommended_amount import largest_approved_amount, recommended_amount
from domain.policies.scoring_policy import PolicyEvaluation, ScoringPolicy
from domain.value import value

_APPROVED = Outcome.APPROVED
"""Kept in a variable because looking up a member of an Enum is a Python function call before 3.12."""


@value
class Decision:
    """The complete result of applying a policy to a prediction.

    `default_predicted` is True if the PD is at or above the decline cut-off. `annual_rate` 0.12 is 12 %.
    `failed_rules` names every rule that is not met. `reasons` come from the component that failed, rules before
    score (12 CFR 1002.9, comments 9(b)(2)-7 and -8), and are empty for an approval.
    """

    outcome: Outcome
    confidence: Confidence
    default_predicted: bool
    points: int
    grade: str
    annual_rate: float
    instalment: Money
    recommended_amount: Money
    reasons: tuple[AdverseActionReason, ...]
    failed_rules: tuple[str, ...]
    policy_version: str


@value
class ApplicantEvaluation:
    """A policy's evaluation of one application as requested, from which the decision follows.

    `approved` says whether the requested amount is approved. If it is, the decision needs no `RiskByAmount`.
    """

    policy: ScoringPolicy
    characteristics: Characteristics
    prediction: Prediction
    evaluation: PolicyEvaluation
    approved: bool

    @classmethod
    def on(cls, characteristics: Characteristics, prediction: Prediction, policy: ScoringPolicy) -> Self:
        """The evaluation of one applicant."""
        evaluation = policy.evaluate(characteristics, prediction.log_odds, prediction.pd.value)
        approved = OUTCOMES[evaluation.outcome] is _APPROVED
        return cls(policy, characteristics, prediction, evaluation, approved)

    def decision(self, reference: Sequence[float], risk: RiskByAmount | None) -> Decision:
        """The decision.

        `reference` is the reference profile for reasons, one contribution per characteristic. Raises ValueError if
        `risk` is None and the requested amount is not approved.
        """
        policy, evaluation, prediction = self.policy, self.evaluation, self.prediction
        requested = self.characteristics[policy.product.amount_place]
        interval = prediction.interval
        confidence = policy.confidence(interval.low, interval.high, not prediction.out_of_domain)
        grade = policy.pricing.grades[evaluation.grade_index]
        return Decision(
            outcome=OUTCOMES[evaluation.outcome],
            confidence=CONFIDENCES[confidence],
            default_predicted=evaluation.pd >= policy.decline_from,
            points=int(evaluation.points),
            grade=grade.name,
            annual_rate=grade.annual_rate,
            instalment=Money.of(evaluation.instalment),
            recommended_amount=Money.of(requested if self.approved else self._smaller_amount(risk)),
            reasons=() if self.approved else _reasons(policy, evaluation, prediction, reference),
            failed_rules=_failed_rules(policy, evaluation) if evaluation.rules_outcome else (),
            policy_version=policy.version,
        )

    def _smaller_amount(self, risk: RiskByAmount | None) -> float:
        if risk is None:
            raise ValueError("the risk by amount is required for an application that is not approved")
        requested = self.characteristics[self.policy.product.amount_place]
        largest = largest_approved_amount(self.policy, self.characteristics, risk, up_to=requested)
        return float(recommended_amount(requested, approved=False, largest_approved=largest))


def decide(
    policy: ScoringPolicy,
    characteristics: Characteristics,
    prediction: Prediction,
    *,
    reference: Sequence[float],
    risk_by_amount: Callable[[Characteristics], RiskByAmount],
) -> Decision:
    """Decide on one applicant; `risk_by_amount` is called only if the requested amount is not approved."""
    evaluation = ApplicantEvaluation.on(characteristics, prediction, policy)
    return evaluation.decision(reference, None if evaluation.approved else risk_by_amount(characteristics))


def _failed_rules(policy: ScoringPolicy, evaluation: PolicyEvaluation) -> tuple[str, ...]:
    return tuple([rule.name for rule, met in zip(policy.rules, evaluation.rules_met, strict=True) if not met])


def _reasons(
    policy: ScoringPolicy, evaluation: PolicyEvaluation, prediction: Prediction, reference: Sequence[float]
) -> tuple[AdverseActionReason, ...]:
    if evaluation.rules_outcome < evaluation.outcome:
        return principal_score_reasons(prediction.contributions, reference, policy.score_reasons)
    return rule_reasons(policy, evaluation.rules_met, evaluation.outcome)


def rule_reasons(
    policy: ScoringPolicy, rules_met: Sequence[bool], severity: int
) -> tuple[AdverseActionReason, ...]:
    """The reasons of the failed rules whose outcome has this severity: each once, at most four, in rule order."""
    failed = [
        rule.reason
        for rule, met in zip(policy.rules, rules_met, strict=True)
        if not met and rule.severity == severity
    ]
    return tuple([policy.reason(code) for code in dict.fromkeys(failed)][:MAX_REASONS])
