"""Reasons by column: each row's reasons of rules and of the score, each encoded as an integer key.

A key is 0 without reasons. Digits of a key of the score, in base 64, are indices of characteristics, counted
from 1; the first reason is the last digit. A key of rules has one as its lowest bit, then a bit that is set if the
outcome is a decline, then one bit for each rule that is not met.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from domain.arithmetic import Quantity
from domain.decisions.decision import rule_reasons, score_calls_for, stated_reasons
from domain.policies.outcome import Outcome
from domain.policies.policy_evaluation import PolicyEvaluation
from domain.policies.reasons import MAX_REASONS, AdverseActionReason
from domain.policies.score_reasons import ScoreReasons
from domain.policies.scoring_policy import ScoringPolicy

Keys = NDArray[np.int64]
_BASE = 64
"""More than a product has characteristics."""
_DIGITS = _BASE ** np.arange(MAX_REASONS, dtype=np.int64)
_MAX_RULES = 60
"""Beside two more bits in a key of 63."""
SEPARATOR = "|"


class TooManyRules(ValueError):
    """The policy has more rules than the bits of a row can represent."""


def failed_bits(evaluation: PolicyEvaluation, rows: int) -> Keys:
    """One bit per rule (rows,), set if the rule is not met; the first rule is the lowest bit."""
    bits = np.zeros(rows, dtype=np.int64)
    for place, met in enumerate(evaluation.rules_met):
        bits |= (~np.broadcast_to(met, rows)).astype(np.int64) << place
    return bits


def reason_keys(  # noqa: PLR0917  # what a decision follows from
    policy: ScoringPolicy,
    evaluation: PolicyEvaluation,
    failed: Keys,
    inputs: Sequence[Quantity],
    contributions: Floats,
    reference: Floats,
) -> tuple[Keys, Keys]:
    """The keys of each row's reasons of rules and of the score (rows,), as in `domain.decisions.decision`."""
    of_rules, of_score = np.zeros(len(failed), dtype=np.int64), np.zeros(len(failed), dtype=np.int64)
    not_approved = evaluation.outcome != Outcome.APPROVED.severity
    rules_call = not_approved & (evaluation.rules_outcome == evaluation.outcome)
    if policy.states_stability:
        score_calls = not_approved & score_calls_for(policy, evaluation.outcome, evaluation.pd)
    else:
        score_calls = not_approved & ~rules_call
    rules = np.flatnonzero(rules_call)
    declined = evaluation.outcome[rules] == Outcome.DECLINED.severity
    of_rules[rules] = (failed[rules] << 2) + (declined << 1) + 1
    score = np.flatnonzero(score_calls)
    excess = contributions[score] - reference
    if policy.states_stability:
        untrue = _untrue(policy.score_reasons, [column[score] for column in inputs], excess)
        of_score[score] = _score_keys(excess, untrue, policy.score_reasons.smallest, alone=~rules_call[score])
    else:
        of_score[score] = _largest(np.where(excess > 0, -excess, np.inf), MAX_REASONS)
    return of_rules, of_score


def _untrue(reasons: ScoreReasons, inputs: Sequence[Quantity], excess: Floats) -> NDArray[np.bool_]:
    """Flags (rows, characteristics) of reasons that would not be true of the applicant."""
    untrue = np.zeros(excess.shape, dtype=np.bool_)
    for each in reasons.best:
        untrue[:, each.place] = each.direction * (inputs[each.place] - each.number) <= 0
    for place in reasons.neutral:
        untrue[:, place] |= np.isnan(inputs[place])
    return untrue


def _score_keys(excess: Floats, untrue: NDArray[np.bool_], smallest: float, alone: NDArray[np.bool_]) -> Keys:
    """`ScoreReasons.principal` for rows of excess over the reference (rows, characteristics)."""
    positive = np.where(excess > 0, -excess, np.inf)
    true = np.where(untrue, np.inf, positive)
    keys = _largest(np.where(excess >= smallest, true, np.inf), MAX_REASONS)
    for others in (true, positive):
        missing = np.flatnonzero(alone & (keys == 0))
        keys[missing] = _largest(others[missing], 1)
    return keys


def _largest(rank_key: Floats, most: int) -> Keys:
    """The keys of at most so many characteristics in the order of their rank keys, without infinite ones."""
    order = np.argsort(rank_key, axis=1, kind="stable")[:, :most]
    stated = np.take_along_axis(rank_key, order, axis=1) < np.inf
    keys: Keys = np.where(stated, order + 1, 0) @ _DIGITS[: order.shape[1]]
    return keys


class ReasonCatalog:
    """Decodes keys to reasons under one policy."""

    def __init__(self, policy: ScoringPolicy) -> None:
        if len(policy.applied_rules) > _MAX_RULES:
            raise TooManyRules(f"a policy for scoring files can have at most {_MAX_RULES} rules")
        self._policy = policy
        self.of_rules = lru_cache(maxsize=65_536)(self._of_rules)
        self.of_score = lru_cache(maxsize=65_536)(self._of_score)
        self.failed_rules = lru_cache(maxsize=4096)(self._failed_rules)

    def reasons(self, rule_key: int, score_key: int) -> tuple[AdverseActionReason, ...]:
        """The stated reasons, those of rules first."""
        return stated_reasons(self.of_rules(rule_key), self.of_score(score_key))

    def texts(self, rule_keys: Keys, score_keys: Keys) -> pl.Series:
        """Reason codes joined by `|`, one text per row."""
        of_rules, rule_places = np.unique(rule_keys, return_inverse=True)
        of_score, score_places = np.unique(score_keys, return_inverse=True)
        pairs, places = np.unique(rule_places * len(of_score) + score_places, return_inverse=True)
        keys = [divmod(pair, len(of_score)) for pair in pairs.tolist()]
        reasons = [self.reasons(int(of_rules[rule]), int(of_score[score])) for rule, score in keys]
        joined = [SEPARATOR.join(reason.code for reason in each) for each in reasons]
        return pl.Series(joined, dtype=pl.String).gather(places)

    def _of_score(self, key: int) -> tuple[AdverseActionReason, ...]:
        digits = [key // int(power) % _BASE for power in _DIGITS]
        return tuple(self._policy.score_reasons.reasons[digit - 1] for digit in digits if digit)

    def _of_rules(self, key: int) -> tuple[AdverseActionReason, ...]:
        if not key:
            return ()
        bits, declined = key >> 2, key >> 1 & 1
        holds = [not bits >> place & 1 for place in range(len(self._policy.applied_rules))]
        outcome = Outcome.DECLINED if declined else Outcome.REFERRED
        return rule_reasons(self._policy, holds, outcome.severity)

    def _failed_rules(self, bits: int) -> tuple[str, ...]:
        return tuple(rule.name for place, rule in enumerate(self._policy.applied_rules) if bits >> place & 1)
