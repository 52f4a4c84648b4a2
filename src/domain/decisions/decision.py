"""The decision on one loan application: outcome, amount, confidence and the reasons that must be stated."""

from collections.abc import Callable, Sequence
from typing import Self

from domain.applications.money import Money
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.outcome import CONFIDENCES, OUTCOMES, Confidence, Outcome
from domain.policies.reasons import MAX_REASONS, REASONS, AdverseActionReason, principal_score_reasons
from domain.policies.recommended_amount import largest_approved_amount, recommended_amount
from domain.policies.scoring_policy import PolicyEvaluation, ScoringPolicy
from domain.value import value

_APPROVED = Outcome.APPROVED
"""At hand: until Python 3.12 a member of an enumeration, and the `value` of one, are found by a function."""


@value
class Decision:
    """What the policy decided and why.

    `default_predicted` says that the PD lies at or above the decline cut-off. `annual_rate` 0.12 is 12 %.
    `failed_rules` names every rule not met; `reasons` come from the component that was failed, rules before score
    (12 CFR 1002.9, comments 9(b)(2)-7 and -8), and are empty for an approval.
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
    """What the policy says of an application as it was made: not yet how much would be approved, nor in words."""

    policy: ScoringPolicy
    characteristics: Characteristics
    prediction: Prediction
    evaluation: PolicyEvaluation
    approved: bool
    """Whether the amount asked for is approved: nothing else needs to be known of the applicant then."""

    @classmethod
    def on(cls, characteristics: Characteristics, prediction: Prediction, policy: ScoringPolicy) -> Self:
        """The evaluation of one applicant."""
        evaluation = policy.evaluate(characteristics, prediction.log_odds, prediction.pd.value)
        approved = OUTCOMES[evaluation.outcome] is _APPROVED
        return cls(policy, characteristics, prediction, evaluation, approved)

    def decision(self, reference: Sequence[float], risk: RiskByAmount | None) -> Decision:
        """The whole decision.

        `reference` is the reference profile for reasons, a contribution a characteristic; `risk` may be None only
        for who is approved.
        """
        policy, evaluation, prediction = self.policy, self.evaluation, self.prediction
        asked = self.characteristics.loan_amnt
        interval = prediction.interval
        certainty = policy.confidence(interval.low, interval.high, not prediction.out_of_domain)
        grade = policy.product.grades[evaluation.grade_index]
        return Decision(
            outcome=OUTCOMES[evaluation.outcome],
            confidence=CONFIDENCES[certainty],
            default_predicted=evaluation.pd >= policy.decline_from,
            points=int(evaluation.points),
            grade=grade.name,
            annual_rate=grade.annual_rate,
            instalment=Money.of(evaluation.instalment),
            recommended_amount=Money.of(asked if self.approved else self._most_instead(risk)),
            reasons=() if self.approved else _reasons(policy, evaluation, prediction, reference),
            failed_rules=_failed_rules(policy, evaluation) if evaluation.rules_outcome else (),
            policy_version=policy.version,
        )

    def _most_instead(self, risk: RiskByAmount | None) -> float:
        if risk is None:
            raise ValueError("of who is not approved the risk by amount must be known")
        asked = self.characteristics.loan_amnt
        largest = largest_approved_amount(self.policy, self.characteristics, risk, up_to=asked)
        return float(recommended_amount(asked, approved=False, largest_approved=largest))


def decide(
    policy: ScoringPolicy,
    characteristics: Characteristics,
    prediction: Prediction,
    *,
    reference: Sequence[float],
    risk_by_amount: Callable[[Characteristics], RiskByAmount],
) -> Decision:
    """Decide on one applicant; `risk_by_amount` is asked of whoever is not approved."""
    evaluation = ApplicantEvaluation.on(characteristics, prediction, policy)
    return evaluation.decision(reference, None if evaluation.approved else risk_by_amount(characteristics))


def _failed_rules(policy: ScoringPolicy, evaluation: PolicyEvaluation) -> tuple[str, ...]:
    return tuple([rule.name for rule, held in zip(policy.rules, evaluation.holds, strict=True) if not held])


def _reasons(
    policy: ScoringPolicy, evaluation: PolicyEvaluation, prediction: Prediction, reference: Sequence[float]
) -> tuple[AdverseActionReason, ...]:
    if evaluation.rules_outcome < evaluation.outcome:
        return principal_score_reasons(prediction.contributions, reference)
    return rule_reasons(policy, evaluation.holds, evaluation.outcome)


def rule_reasons(policy: ScoringPolicy, holds: Sequence[bool], severity: int) -> tuple[AdverseActionReason, ...]:
    """The reasons of the failed rules that call for this outcome: in the policy's order, each once, at most four.

    `holds` has a flag a rule, `severity` is the outcome's.
    """
    failed = [
        rule.reason
        for rule, held in zip(policy.rules, holds, strict=True)
        if not held and rule.severity == severity
    ]
    return tuple([REASONS[code] for code in dict.fromkeys(failed)][:MAX_REASONS])
