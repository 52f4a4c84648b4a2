"""The scoring policy: the knock-out rules, cut-offs and pricing of one version, for one product.

`evaluate` is written once in plain arithmetic, for a single loan application and for columns of a million.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import inf
from typing import Any

from domain.arithmetic import Flag, Quantity, choose, logistic, natural_logarithm
from domain.canonical_json import canonical_json
from domain.models.risk_by_amount import RiskByAmount
from domain.models.scorecard import whole_points
from domain.policies.applied_rules import AppliedRules
from domain.policies.circumstance_measures import CIRCUMSTANCE_REASONS, USUAL_FACTS, Facts
from domain.policies.confidence import outcome_stability
from domain.policies.outcome import more_severe
from domain.policies.policy_evaluation import PolicyEvaluation
from domain.policies.pricing import Pricing
from domain.policies.reasons import AdverseActionReason
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS, InvalidReviewTerms, ReviewTerms
from domain.policies.rules import InvalidRuleName, Rule, check_rule, evaluate_checks
from domain.policies.score_reasons import ScoreReasons
from domain.printable import TITLE, is_title
from domain.products.product_definition import ProductDefinition

KIND, SCHEMA = "policy", 4
"""The kind of the document, and the version of its layout. Schema 1 has neither, and is for the personal loan.

From schema 3 on, a policy states the smallest reason, and decisions have an outcome stability, reasons of rules
and score together, and an alternative. From schema 4 on, it states the terms of review, and rules can measure
circumstances. Policies of earlier schemas decide as they did when they were written.
"""

_MARGIN = 1e-6
"""Log-odds this far from a cut-off are on the same side regardless of the last bits of the arithmetic."""


class InvalidCutOffs(ValueError):
    """The cut-offs are not between 0 and 1, or the approve cut-off is above the decline cut-off."""


class InvalidSmallestReason(ValueError):
    """The smallest reason is negative, or larger than a reason can be."""


class InvalidPolicyVersion(ValueError):
    """The policy has no version."""


@dataclass(frozen=True, slots=True)
class ScoringPolicy:
    """One version of the policy. A PD below `approve_below` passes the score; at or above `decline_from` it fails.

    Between the two is the referral band, where an underwriter decides. `rationale` explains the limits. `schema`
    is that of the document. `smallest_reason` is the log-odds by which a characteristic must raise the risk to be
    a reason. `review_terms` say how people decide what is referred. `fingerprint` is the SHA-256 of the document,
    in hexadecimal.
    """

    version: str
    rules: tuple[Rule, ...]
    approve_below: float
    decline_from: float
    pricing: Pricing
    rationale: str
    product: ProductDefinition
    schema: int = SCHEMA
    smallest_reason: float = 0.0
    review_terms: ReviewTerms = DEFAULT_REVIEW_TERMS
    fingerprint: str = field(init=False, repr=False, compare=False)
    score_reasons: ScoreReasons = field(init=False, repr=False, compare=False)
    _reasons: dict[str, AdverseActionReason] = field(init=False, repr=False, compare=False)
    _applied: AppliedRules = field(init=False, repr=False, compare=False)
    _per_dollar: dict[float, tuple[float, ...]] = field(init=False, repr=False, compare=False)
    _approve_log_odds: float = field(init=False, repr=False, compare=False)
    _decline_log_odds: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not is_title(self.version):
            raise InvalidPolicyVersion(f"a policy must have a version of {TITLE}")
        repeated = [name for name, count in Counter(rule.name for rule in self.rules).items() if count > 1]
        if repeated:
            raise InvalidRuleName(f"the rules of a policy must have different names: {', '.join(repeated)}")
        if not 0.0 < self.approve_below <= self.decline_from < 1.0:
            raise InvalidCutOffs(
                f"the approve cut-off must not be above the decline one: {self.approve_below}, {self.decline_from}"
            )
        if not 0.0 <= self.smallest_reason <= 1.0:
            raise InvalidSmallestReason(
                f"the smallest reason must be from 0 to 1 log-odds: {self.smallest_reason}"
            )
        for rule in self.rules:
            check_rule(rule, self.product, circumstances=self.states_review_terms)
        if self.states_review_terms:
            self.review_terms.check_grades([grade.name for grade in self.pricing.grades])
        elif self.review_terms != DEFAULT_REVIEW_TERMS:
            raise InvalidReviewTerms(["policies state terms of review from schema 4 on"])
        reasons = {code: AdverseActionReason(code, text) for code, text in self.product.reasons.items()}
        made = {
            "fingerprint": sha256(self.document.encode()).hexdigest(),
            "score_reasons": ScoreReasons.of(self.product, self.smallest_reason),
            "_reasons": CIRCUMSTANCE_REASONS | reasons,
            "_applied": AppliedRules.of(self.rules, self.product),
            "_per_dollar": {
                float(months): self.pricing.instalments_per_dollar(months) for months in self.product.months
            },
            "_approve_log_odds": natural_logarithm(self.approve_below / (1.0 - self.approve_below)),
            "_decline_log_odds": natural_logarithm(self.decline_from / (1.0 - self.decline_from)),
        }
        for name, content in made.items():  # computed once; the value is frozen
            object.__setattr__(self, name, content)

    @property
    def document(self) -> str:
        """The whole policy as canonical JSON, in which form it is archived."""
        pricing = {"product": self.pricing} if self.schema == 1 else {"pricing": self.pricing}
        content: dict[str, Any] = {
            "version": self.version,
            "rules": self.rules,
            "approve_below": float(self.approve_below),
            "decline_from": float(self.decline_from),
            **pricing,
            "rationale": self.rationale,
        }
        if self.states_stability:
            content["smallest_reason"] = float(self.smallest_reason)
        if self.states_review_terms:
            content["review_terms"] = self.review_terms
        head = {"kind": KIND, "schema": self.schema, "product": self.product.product_version}
        return canonical_json(content if self.schema == 1 else head | content)

    def reason(self, code: str) -> AdverseActionReason:
        """The reason with this code."""
        return self._reasons[code]

    @property
    def applied_rules(self) -> tuple[Rule, ...]:
        """The policy's rules and the bureau rules that it lacks, those on fixed circumstances last."""
        return self._applied.rules

    @property
    def history_days(self) -> float:
        """How far back, in days, rules look at the applicant's other applications; 0 without such a rule."""
        return self._applied.history_days

    @property
    def needs_history(self) -> bool:
        """Whether a rule is about the applicant's other applications."""
        return self.history_days > 0 or bool(self._applied.exposure_limits)

    @property
    def exposure_limit(self) -> float | None:
        """The most, in dollars, that an applicant's accepted loans can amount to; None without such a rule."""
        return min(self._applied.exposure_limits, default=None)

    def evaluate(
        self, inputs: Sequence[Quantity], log_odds: Quantity, pd: Quantity = None, facts: Facts = USUAL_FACTS
    ) -> PolicyEvaluation:
        """The outcome at this risk: the more severe of the outcomes by rules and by score.

        `inputs` are in the order of the product's, `facts` are the circumstances. The PD is computed from the
        log-odds unless it is given.
        """
        pd = logistic(log_odds) if pd is None else pd
        product = self.product
        grade_index = self.pricing.grade_index(pd)
        amount = inputs[product.amount_place]
        instalment = self._instalment(amount, inputs[product.term_place], grade_index)
        applied = self._applied
        met = evaluate_checks(applied.product_checks, product.compute_measures(inputs, amount, instalment))
        for limit in applied.exposure_limits:
            met.append(facts[0] + amount <= limit)
        met += applied.met_usually if facts is USUAL_FACTS else evaluate_checks(applied.fact_checks, facts)
        # Most single applicants meet every rule, which is faster to see than to compute.
        rules_outcome = 0 if type(pd) is float and all(met) else applied.severest_failure(met)
        score_outcome = 1 * (pd >= self.approve_below) + 1 * (pd >= self.decline_from)
        return PolicyEvaluation(
            pd=pd,
            points=whole_points(log_odds),
            grade_index=grade_index,
            instalment=instalment,
            rules_met=tuple(met),
            rules_outcome=rules_outcome,
            outcome=more_severe(rules_outcome, score_outcome),
        )

    def admits(self, inputs: Sequence[Quantity], facts: Facts = USUAL_FACTS) -> Flag:
        """Whether the applicant meets every rule that does not depend on the loan amount."""
        admitted: Flag = True
        for flag in evaluate_checks(self._applied.fixed_checks, self.product.compute_measures(inputs, 0.0, 0.0)):
            admitted = admitted & flag
        for flag in () if facts is USUAL_FACTS else evaluate_checks(self._applied.fact_checks, facts):
            admitted = admitted & flag
        return admitted

    def passes(self, log_odds: Quantity) -> Flag:
        """Whether the score passes, which means that the PD is below the approve cut-off."""
        if type(log_odds) is float and abs(log_odds - self._approve_log_odds) > _MARGIN:
            return log_odds < self._approve_log_odds
        return logistic(log_odds) < self.approve_below

    def approves(
        self, inputs: Sequence[Quantity], amount: Quantity, log_odds: Quantity, facts: Facts = USUAL_FACTS
    ) -> Flag:
        """Whether `evaluate` would approve this amount in dollars for an applicant whom the policy admits.

        It computes nothing else, because the search for an amount calls it many times.
        """
        if type(log_odds) is float and not self.passes(log_odds):  # one applicant: the rules make no difference
            return False
        pd = logistic(log_odds)
        approved = pd < self.approve_below
        product = self.product
        instalment = self._instalment(amount, inputs[product.term_place], self.pricing.grade_index(pd))
        applied = self._applied
        for limit in applied.exposure_limits:
            approved = approved & (facts[0] + amount <= limit)
        for flag in evaluate_checks(applied.amount_checks, product.compute_measures(inputs, amount, instalment)):
            approved = approved & flag
        return approved

    def max_amount_by_score(self, risk: RiskByAmount) -> float:
        """The largest amount in dollars at which the score passes: 0 if none, infinity if all."""
        passing = bisect_right(risk.log_odds, self._approve_log_odds + _MARGIN)
        while passing and not self.passes(risk.log_odds[passing - 1]):
            passing -= 1
        if passing > len(risk.cuts):
            return inf
        return risk.cuts[passing - 1] if passing else 0.0

    @property
    def states_stability(self) -> bool:
        """Whether decisions have an outcome stability, two lists of reasons and an alternative."""
        return self.schema >= 3

    @property
    def states_review_terms(self) -> bool:
        """Whether the document has terms of review and rules can measure circumstances."""
        return self.schema >= 4

    def stability(self, evaluation: PolicyEvaluation, log_odds: Quantity, half_width: Quantity) -> Quantity:
        """The probability that the outcome would be the same under a refitted model."""
        return outcome_stability(
            log_odds,
            half_width,
            outcome=evaluation.outcome,
            rules_outcome=evaluation.rules_outcome,
            approve_below=self._approve_log_odds,
            decline_from=self._decline_log_odds,
        )

    def _instalment(self, amount: Quantity, term: Quantity, grade_index: Quantity) -> Quantity:
        """The monthly payment in dollars, not rounded; `term` is in months."""
        if type(term) is float:
            return amount * choose(grade_index, self._per_dollar[term])
        per_dollar = 0.0
        for length, factors in self._per_dollar.items():
            per_dollar = per_dollar + (term == length) * choose(grade_index, factors)
        return amount * per_dollar
