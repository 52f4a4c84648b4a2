"""The scoring policy: the knock-out rules, cut-offs and product of one version.

`evaluate` is written once in plain arithmetic, for a single loan application and for columns of a million.
"""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from math import inf, log

from domain.arithmetic import Flag, Quantity, logistic
from domain.canonical_json import canonical_json
from domain.models.risk_by_amount import RiskByAmount
from domain.models.scorecard import whole_points
from domain.policies.product import Product
from domain.policies.rules import InvalidRuleName, Quantities, Rule, evaluate_rules, measures_of
from domain.value import value

_MARGIN = 1e-6
"""Log-odds this far from a cut-off are on the same side regardless of the last bits of `log` and `logistic`."""


class InvalidCutOffs(ValueError):
    """The cut-offs are not between 0 and 1, or the approve cut-off is above the decline cut-off."""


class InvalidPolicyVersion(ValueError):
    """The policy has no version."""


@value
class PolicyEvaluation:
    """What the policy says about an application, as numbers or as columns.

    `outcome` and `rules_outcome` are severities (0 approved, 1 referred, 2 declined). `rules_met` has one flag per
    rule. `instalment` is in dollars per month.
    """

    pd: Quantity
    points: Quantity
    grade_index: Quantity
    instalment: Quantity
    rules_met: tuple[Flag, ...]
    rules_outcome: Quantity
    outcome: Quantity


@dataclass(frozen=True, slots=True)
class ScoringPolicy:
    """One version of the policy. A PD below `approve_below` passes the score; at or above `decline_from` it fails.

    Between the two is the referral band, where an underwriter decides. `rationale` explains the limits.
    `fingerprint` is the SHA-256 of the document, in hexadecimal.
    """

    version: str
    rules: tuple[Rule, ...]
    approve_below: float
    decline_from: float
    product: Product
    rationale: str
    fingerprint: str = field(init=False, repr=False, compare=False)
    _fixed_rules: tuple[Rule, ...] = field(init=False, repr=False, compare=False)
    _amount_rules: tuple[Rule, ...] = field(init=False, repr=False, compare=False)
    _approve_log_odds: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.version.strip():
            raise InvalidPolicyVersion("a policy must have a version")
        repeated = [name for name, count in Counter(rule.name for rule in self.rules).items() if count > 1]
        if repeated:
            raise InvalidRuleName(f"the rules of a policy must have different names: {', '.join(repeated)}")
        if not 0.0 < self.approve_below <= self.decline_from < 1.0:
            raise InvalidCutOffs(
                f"the approve cut-off must not be above the decline one: {self.approve_below}, {self.decline_from}"
            )
        # Computed once; the value is frozen.
        object.__setattr__(self, "fingerprint", sha256(self.document.encode()).hexdigest())
        amount_rules = tuple(rule for rule in self.rules if rule.depends_on_amount)
        object.__setattr__(self, "_amount_rules", amount_rules)
        object.__setattr__(self, "_approve_log_odds", log(self.approve_below / (1.0 - self.approve_below)))
        object.__setattr__(self, "_fixed_rules", tuple(rule for rule in self.rules if rule not in amount_rules))

    @property
    def document(self) -> str:
        """The whole policy as canonical JSON, in which form it is archived."""
        return canonical_json(self)

    def evaluate(self, quantities: Quantities, log_odds: Quantity, pd: Quantity = None) -> PolicyEvaluation:
        """The outcome at this risk: the more severe of the outcomes by rules and by score.

        The PD is computed from the log-odds unless it is given.
        """
        pd = logistic(log_odds) if pd is None else pd
        grade_index = self.product.grade_index(pd)
        amount = quantities.loan_amnt
        instalment = self.product.instalment(amount, quantities.term, grade_index)
        measures = measures_of(quantities, amount, instalment)
        rules_met = tuple(evaluate_rules(self.rules, measures))
        rules_outcome = self._severest_failure(rules_met)
        score_outcome = 1 * (pd >= self.approve_below) + 1 * (pd >= self.decline_from)
        return PolicyEvaluation(
            pd=pd,
            points=whole_points(log_odds),
            grade_index=grade_index,
            instalment=instalment,
            rules_met=rules_met,
            rules_outcome=rules_outcome,
            outcome=_more_severe(rules_outcome, score_outcome),
        )

    def admits(self, quantities: Quantities) -> Flag:
        """Whether the applicant meets every rule that does not depend on the loan amount."""
        admitted: Flag = True
        for flag in evaluate_rules(self._fixed_rules, measures_of(quantities, 0.0, 0.0)):
            admitted = admitted & flag
        return admitted

    def passes(self, log_odds: Quantity) -> Flag:
        """Whether the score passes, which means that the PD is below the approve cut-off."""
        if type(log_odds) is float and abs(log_odds - self._approve_log_odds) > _MARGIN:
            return log_odds < self._approve_log_odds
        return logistic(log_odds) < self.approve_below

    def approves(self, quantities: Quantities, amount: Quantity, log_odds: Quantity) -> Flag:
        """Whether `evaluate` would approve this amount in dollars for an applicant whom the policy admits.

        It computes nothing else, because the search for an amount calls it many times.
        """
        if type(log_odds) is float and not self.passes(log_odds):  # one applicant: the rules make no difference
            return False
        pd = logistic(log_odds)
        approved = pd < self.approve_below
        instalment = self.product.instalment(amount, quantities.term, self.product.grade_index(pd))
        for flag in evaluate_rules(self._amount_rules, measures_of(quantities, amount, instalment)):
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

    def confidence(self, pd_low: Quantity, pd_high: Quantity, inside_population: Flag) -> Quantity:
        """The confidence in the outcome by score, given the interval of the PD: 2 high, 1 medium, 0 low.

        High if the whole interval is on one side of both cut-offs, medium if it is within the referral band, low
        if it crosses a cut-off or the applicant is outside the training population.
        """
        approve = 2 * (pd_high < self.approve_below)
        decline = 2 * (pd_low >= self.decline_from)
        refer = 1 * ((pd_low >= self.approve_below) & (pd_high < self.decline_from))
        return (approve + decline + refer) * inside_population

    def _severest_failure(self, rules_met: tuple[Flag, ...]) -> Quantity:
        severest: Quantity = 0
        for rule, flag in zip(self.rules, rules_met, strict=True):
            if flag is not True:
                severest = _more_severe(severest, rule.severity * (1 - 1 * flag))
        return severest


def _more_severe(left: Quantity, right: Quantity) -> Quantity:
    return left + (right > left) * (right - left)
