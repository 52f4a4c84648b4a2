"""The decision on one loan application: outcome, recommended amount, confidence and reasons."""

from collections.abc import Callable, Sequence
from typing import Self

from domain.applications.money import Money
from domain.arithmetic import Flag, Quantity, choose
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.alternative_loan import AlternativeLoan, alternative_loan, other_terms
from domain.policies.circumstance_measures import USUAL_FACTS, Facts
from domain.policies.confidence import confidence_by_interval, confidence_by_stability
from domain.policies.outcome import CONFIDENCES, OUTCOMES, Confidence, Outcome
from domain.policies.policy_evaluation import PolicyEvaluation
from domain.policies.reasons import MAX_REASONS, AdverseActionReason, principal_score_reasons
from domain.policies.recommended_amount import largest_approved_amount, recommended_amount
from domain.policies.scoring_policy import ScoringPolicy
from domain.value import value

RiskOf = Callable[[Characteristics], RiskByAmount]
"""The risk by amount for other inputs."""
Reasons = tuple[AdverseActionReason, ...]

_APPROVED = Outcome.APPROVED
"""Kept in a variable because looking up a member of an Enum is a Python function call before 3.12."""


@value
class Decision:
    """The complete result of applying a policy to a prediction.

    `default_predicted` is True if the PD is at or above the decline cut-off. `annual_rate` 0.12 is 12 %.
    `failed_rules` names every rule that is not met. `reasons` are those of the components that call for the
    outcome: first of rules, `reasons_of_rules` in number, then of the score (12 CFR 1002.9, comments 9(b)(2)-4 and
    -7); none for an approval. `outcome_stability` is the probability of the same outcome under a refitted model.
    `alternative` is a loan at another term, if no amount passes at the requested one.

    Documents before schema 3 have no `reasons_of_rules`. Policies before schema 3 state the reasons of rules alone
    where rules and score both fail, no stability and no alternative.
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
    reasons_of_rules: int | None = None
    outcome_stability: float | None = None
    alternative: AlternativeLoan | None = None

    @property
    def starts_cooling_off(self) -> bool:
        """Whether it is a decline from which a cooling-off counts."""
        return self.outcome is Outcome.DECLINED and declined_for_more(self.reasons)

    @property
    def rule_reasons(self) -> tuple[AdverseActionReason, ...] | None:
        """The reasons of rules; None if the document does not tell them from those of the score."""
        return None if self.reasons_of_rules is None else self.reasons[: self.reasons_of_rules]

    @property
    def score_reasons(self) -> tuple[AdverseActionReason, ...] | None:
        """The reasons of the score; None if the document does not tell them from those of rules."""
        return None if self.reasons_of_rules is None else self.reasons[self.reasons_of_rules :]


@value
class ApplicantEvaluation:
    """A policy's evaluation of one application as requested, from which the decision follows.

    `approved` says whether the requested amount is approved. If it is, the decision needs no `RiskByAmount`.
    Otherwise the amount comes first, and then, if there is none, the other terms.
    """

    policy: ScoringPolicy
    characteristics: Characteristics
    prediction: Prediction
    evaluation: PolicyEvaluation
    approved: bool
    facts: Facts = USUAL_FACTS

    @classmethod
    def on(
        cls,
        characteristics: Characteristics,
        prediction: Prediction,
        policy: ScoringPolicy,
        facts: Facts = USUAL_FACTS,
    ) -> Self:
        """The evaluation of one applicant."""
        evaluation = policy.evaluate(characteristics, prediction.log_odds, prediction.pd.value, facts)
        approved = OUTCOMES[evaluation.outcome] is _APPROVED
        return cls(policy, characteristics, prediction, evaluation, approved, facts)

    def amount(self, risk: RiskByAmount | None) -> float:
        """The recommended amount in dollars; raises ValueError if it needs `risk` and that is None."""
        requested = float(self.characteristics[self.policy.product.amount_place])
        if self.approved:
            return requested
        if risk is None:
            raise ValueError("the risk by amount is required for an application that is not approved")
        largest = largest_approved_amount(
            self.policy, self.characteristics, risk, up_to=requested, facts=self.facts
        )
        return float(recommended_amount(requested, approved=False, largest_approved=largest))

    def other_terms(self, amount: float, risk: RiskByAmount | None) -> list[Characteristics]:
        """The application at the other terms to try, because no amount passes at the requested one."""
        if amount or risk is None or not self.policy.states_stability:
            return []
        return other_terms(self.policy, self.characteristics, risk, self.facts)

    def decision(
        self,
        reference: Sequence[float],
        amount: float,
        at_other_terms: Sequence[tuple[Characteristics, RiskByAmount]],
    ) -> Decision:
        """The decision.

        `reference` is the reference profile for reasons, one contribution per characteristic. `amount` is the
        recommended one, and `at_other_terms` are the applications of `other_terms` with their risk.
        """
        policy, evaluation = self.policy, self.evaluation
        stability, confidence = self._certainty()
        grade = policy.pricing.grades[evaluation.grade_index]
        of_rules, of_score = ((), ()) if self.approved else self._reasons(reference)
        return Decision(
            outcome=OUTCOMES[evaluation.outcome],
            confidence=CONFIDENCES[confidence],
            default_predicted=evaluation.pd >= policy.decline_from,
            points=int(evaluation.points),
            grade=grade.name,
            annual_rate=grade.annual_rate,
            instalment=Money.of(evaluation.instalment),
            recommended_amount=Money.of(amount),
            reasons=stated_reasons(of_rules, of_score),
            failed_rules=_failed_rules(policy, evaluation) if evaluation.rules_outcome else (),
            policy_version=policy.version,
            reasons_of_rules=len(of_rules),
            outcome_stability=stability,
            alternative=alternative_loan(policy, at_other_terms, self.facts) if at_other_terms else None,
        )

    def _certainty(self) -> tuple[float | None, int]:
        """The stability of the outcome, if the policy states it, and the confidence by its number."""
        policy, prediction, inside = self.policy, self.prediction, not self.prediction.out_of_domain
        if policy.states_stability:
            if prediction.half_width is None:
                raise ValueError("the prediction has no half width, which the outcome stability requires")
            stability = policy.stability(self.evaluation, prediction.log_odds, prediction.half_width)
            return stability, confidence_by_stability(stability, inside)
        interval, cut_offs = prediction.interval, (policy.approve_below, policy.decline_from)
        return None, confidence_by_interval(interval.low, interval.high, inside, *cut_offs)

    def _reasons(self, reference: Sequence[float]) -> tuple[Reasons, Reasons]:
        """The reasons of rules and of the score for an outcome other than approval."""
        policy, evaluation, prediction = self.policy, self.evaluation, self.prediction
        if policy.states_stability:
            of_rules = rule_reasons(policy, evaluation.rules_met, evaluation.outcome)
            if not score_calls_for(policy, evaluation.outcome, evaluation.pd):
                return of_rules, ()
            contributions = prediction.contributions
            return of_rules, policy.score_reasons.principal(
                self.characteristics, contributions, reference, alone=not of_rules
            )
        if evaluation.rules_outcome < evaluation.outcome:
            reasons = policy.score_reasons.reasons
            return (), principal_score_reasons(prediction.contributions, reference, reasons)
        return rule_reasons(policy, evaluation.rules_met, evaluation.outcome), ()


def decide(
    policy: ScoringPolicy,
    characteristics: Characteristics,
    prediction: Prediction,
    *,
    reference: Sequence[float],
    risk_by_amount: RiskOf,
    circumstances: Circumstances = NO_CIRCUMSTANCES,
) -> Decision:
    """Decide on one applicant; `risk_by_amount` is called only if the requested amount is not approved."""
    evaluation = ApplicantEvaluation.on(characteristics, prediction, policy, circumstances.facts)
    risk = None if evaluation.approved else risk_by_amount(characteristics)
    amount = evaluation.amount(risk)
    others = [(changed, risk_by_amount(changed)) for changed in evaluation.other_terms(amount, risk)]
    return evaluation.decision(reference, amount, others)


def score_calls_for(policy: ScoringPolicy, outcome: Quantity, pd: Quantity) -> Flag:
    """Whether the score alone would have this outcome, a severity above 0 that is the final one."""
    return pd >= choose(outcome - 1, (policy.approve_below, policy.decline_from))


def declined_for_more(reasons: Reasons) -> bool:
    """Whether a decline has another reason than an earlier decline, whose cooling-off it must not extend."""
    return any(reason.code != "COOLING_OFF_AFTER_DECLINE" for reason in reasons)


def stated_reasons(of_rules: Reasons, of_score: Reasons) -> Reasons:
    """The reasons of rules, then those of the score that are not among them, at most four."""
    if not of_rules:
        return tuple(dict.fromkeys(of_score)) if of_score else ()
    return tuple(dict.fromkeys((*of_rules, *of_score)))[:MAX_REASONS]


def _failed_rules(policy: ScoringPolicy, evaluation: PolicyEvaluation) -> tuple[str, ...]:
    return tuple(
        [rule.name for rule, met in zip(policy.applied_rules, evaluation.rules_met, strict=True) if not met]
    )


def rule_reasons(
    policy: ScoringPolicy, rules_met: Sequence[bool], severity: int
) -> tuple[AdverseActionReason, ...]:
    """The reasons of the failed rules whose outcome has this severity: each once, at most four, in rule order."""
    failed = [
        rule.reason
        for rule, met in zip(policy.applied_rules, rules_met, strict=True)
        if not met and rule.severity == severity
    ]
    return tuple([policy.reason(code) for code in dict.fromkeys(failed)][:MAX_REASONS])
