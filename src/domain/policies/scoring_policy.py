"""The scoring policy: knock-out rules, cut-offs and product of one version, and how it decides.

`evaluate` is written once in plain arithmetic and serves a single loan application and a column of a million.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from hashlib import sha256
from math import inf, log

from domain.arithmetic import Flag, Quantity, logistic
from domain.canonical_json import canonical_json
from domain.models.risk_by_amount import RiskByAmount
from domain.models.scorecard import whole_points
from domain.policies.product import Product
from domain.policies.rules import Quantities, Rule, held, measured
from domain.value import value

_DOUBT = 1e-6
"""Log-odds this far from a cut-off lie on their side of it whatever the last bits of `log` and `logistic` are."""


class InvalidCutOffs(ValueError):
    """The approve cut-off must not lie above the decline cut-off."""


@value
class PolicyEvaluation:
    """What the policy makes of an application at its risk: numbers, or columns of them.

    `outcome` and `rules_outcome` are severities (0 approved, 1 referred, 2 declined); `holds` has a flag a rule;
    `instalment` is dollars a month.
    """

    pd: Quantity
    points: Quantity
    grade_index: Quantity
    instalment: Quantity
    holds: tuple[Flag, ...]
    rules_outcome: Quantity
    outcome: Quantity


@dataclass(frozen=True, slots=True)
class ScoringPolicy:
    """One version of the policy. PD below `approve_below` passes the score; at or above `decline_from` it fails.

    Between the two lies the referral band, where an underwriter decides. `rationale` says why the limits are
    what they are. `fingerprint` is the SHA-256 of its document, hexadecimal.
    """

    version: str
    rules: tuple[Rule, ...]
    approve_below: float
    decline_from: float
    product: Product
    rationale: str
    fingerprint: str = field(init=False, repr=False, compare=False)
    _standing: tuple[Rule, ...] = field(init=False, repr=False, compare=False)
    _moving: tuple[Rule, ...] = field(init=False, repr=False, compare=False)
    _at_cut_off: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0.0 < self.approve_below <= self.decline_from < 1.0:
            raise InvalidCutOffs(
                f"cut-offs must rise from approve to decline: {self.approve_below}, {self.decline_from}"
            )
        # Computed once; a frozen value has no other way.
        object.__setattr__(self, "fingerprint", sha256(self.document.encode()).hexdigest())
        moving = tuple(rule for rule in self.rules if rule.moves_with_amount)
        object.__setattr__(self, "_moving", moving)
        object.__setattr__(self, "_at_cut_off", log(self.approve_below / (1.0 - self.approve_below)))
        object.__setattr__(self, "_standing", tuple(rule for rule in self.rules if rule not in moving))

    @property
    def document(self) -> str:
        """The whole policy as canonical JSON: what is kept of it."""
        return canonical_json(self)

    def evaluate(self, quantities: Quantities, log_odds: Quantity, pd: Quantity = None) -> PolicyEvaluation:
        """The outcome for these quantities at this risk: the severer of what rules and score say.

        The PD is found from the log-odds, unless it is known already.
        """
        pd = logistic(log_odds) if pd is None else pd
        grade_index = self.product.grade_index(pd)
        amount = quantities.loan_amnt
        instalment = self.product.instalment(amount, quantities.term, grade_index)
        measures = measured(quantities, amount, instalment)
        holds = tuple(held(self.rules, measures))
        rules_outcome = self._severest_failure(holds)
        score_outcome = 1 * (pd >= self.approve_below) + 1 * (pd >= self.decline_from)
        return PolicyEvaluation(
            pd=pd,
            points=whole_points(log_odds),
            grade_index=grade_index,
            instalment=instalment,
            holds=holds,
            rules_outcome=rules_outcome,
            outcome=_severer(rules_outcome, score_outcome),
        )

    def admits(self, quantities: Quantities) -> Flag:
        """Whether the applicant meets every rule that no other amount could change."""
        admitted: Flag = True
        for flag in held(self._standing, measured(quantities, 0.0, 0.0)):
            admitted = admitted & flag
        return admitted

    def passes(self, log_odds: Quantity) -> Flag:
        """Whether the score passes: whether the PD lies below the approve cut-off."""
        if type(log_odds) is float and abs(log_odds - self._at_cut_off) > _DOUBT:
            return log_odds < self._at_cut_off
        return logistic(log_odds) < self.approve_below

    def approves(self, quantities: Quantities, amount: Quantity, log_odds: Quantity) -> Flag:
        """Whether `evaluate` would approve this amount, in dollars, to an applicant whom the policy admits.

        Nothing else is found out: it is what the search for an amount asks, again and again.
        """
        if type(log_odds) is float and not self.passes(log_odds):  # one applicant: the rules need not be asked
            return False
        pd = logistic(log_odds)
        approved = pd < self.approve_below
        instalment = self.product.instalment(amount, quantities.term, self.product.grade_index(pd))
        for flag in held(self._moving, measured(quantities, amount, instalment)):
            approved = approved & flag
        return approved

    def most_by_score(self, risk: RiskByAmount) -> float:
        """Up to which amount in dollars the score passes: nought where it never does, and without end."""
        passing = bisect_right(risk.log_odds, self._at_cut_off + _DOUBT)
        while passing and not self.passes(risk.log_odds[passing - 1]):
            passing -= 1
        if passing > len(risk.cuts):
            return inf
        return risk.cuts[passing - 1] if passing else 0.0

    def confidence(self, pd_low: Quantity, pd_high: Quantity, inside_population: Flag) -> Quantity:
        """How firmly the score stands, given the interval of the PD: 2 high, 1 medium, 0 low.

        High when the interval lies wholly on one side of both cut-offs, medium when wholly within the referral
        band, low when it straddles a cut-off or the applicant is outside the training population.
        """
        approve = 2 * (pd_high < self.approve_below)
        decline = 2 * (pd_low >= self.decline_from)
        refer = 1 * ((pd_low >= self.approve_below) & (pd_high < self.decline_from))
        return (approve + decline + refer) * inside_population

    def _severest_failure(self, holds: tuple[Flag, ...]) -> Quantity:
        severest: Quantity = 0
        for rule, flag in zip(self.rules, holds, strict=True):
            if flag is not True:
                severest = _severer(severest, rule.severity * (1 - 1 * flag))
        return severest


def _severer(left: Quantity, right: Quantity) -> Quantity:
    return left + (right > left) * (right - left)
