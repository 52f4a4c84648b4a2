"""Reasons by column: each row's reasons encoded as an integer key.

0              no reasons
below 64^4     score reasons: digits in base 64 are indices of characteristics, counted from 1; the first reason is
               the last digit
from 64^4      reasons of rules: the failed rules as bits, times two, plus one if the outcome is a decline
"""

from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.fixed_point import Floats
from domain.decisions.decision import rule_reasons
from domain.policies.outcome import Outcome
from domain.policies.reasons import MAX_REASONS, AdverseActionReason
from domain.policies.scoring_policy import PolicyEvaluation, ScoringPolicy

Keys = NDArray[np.int64]
_BASE = 64
"""More than a product has characteristics."""
_RULES_FROM = _BASE**MAX_REASONS
_DIGITS = _BASE ** np.arange(MAX_REASONS, dtype=np.int64)
_MAX_RULES = 48
SEPARATOR = "|"


class TooManyRules(ValueError):
    """The policy has more rules than the bits of a row can represent."""


def failed_bits(evaluation: PolicyEvaluation, rows: int) -> Keys:
    """One bit per rule (rows,), set if the rule is not met; the first rule is the lowest bit."""
    bits = np.zeros(rows, dtype=np.int64)
    for place, met in enumerate(evaluation.rules_met):
        bits |= (~np.broadcast_to(met, rows)).astype(np.int64) << place
    return bits


def reason_keys(evaluation: PolicyEvaluation, failed: Keys, contributions: Floats, reference: Floats) -> Keys:
    """The key of each row's reasons (rows,), from the failed component as in `domain.decisions.decision`."""
    keys = np.zeros(len(failed), dtype=np.int64)
    not_approved = evaluation.outcome != Outcome.APPROVED.severity
    by_score = evaluation.rules_outcome < evaluation.outcome
    score = np.flatnonzero(not_approved & by_score)
    keys[score] = _score_keys(contributions[score] - reference)
    rules = np.flatnonzero(not_approved & ~by_score)
    declined = evaluation.outcome[rules] == Outcome.DECLINED.severity
    keys[rules] = _RULES_FROM + (failed[rules] << 1) + declined
    return keys


def _score_keys(excess: Floats) -> Keys:
    """`principal_score_reasons` for rows of excess over the reference (rows, characteristics)."""
    rank_key = np.where(excess > 0, -excess, np.inf)
    order = np.argsort(rank_key, axis=1, kind="stable")[:, :MAX_REASONS]
    adverse = np.take_along_axis(rank_key, order, axis=1) < np.inf
    return np.where(adverse, order + 1, 0) @ _DIGITS


class ReasonCatalog:
    """Decodes keys to reasons under one policy."""

    def __init__(self, policy: ScoringPolicy) -> None:
        if len(policy.rules) > _MAX_RULES:
            raise TooManyRules(f"a policy for scoring files can have at most {_MAX_RULES} rules")
        self._policy = policy
        self.reasons = lru_cache(maxsize=65_536)(self._reasons)
        self.failed_rules = lru_cache(maxsize=4096)(self._failed_rules)

    def texts(self, keys: Keys) -> pl.Series:
        """Reason codes joined by `|`, one text per row."""
        distinct, places = np.unique(keys, return_inverse=True)
        joined = [SEPARATOR.join(reason.code for reason in self.reasons(key)) for key in distinct.tolist()]
        return pl.Series(joined, dtype=pl.String).gather(places)

    def _reasons(self, key: int) -> tuple[AdverseActionReason, ...]:
        if key < _RULES_FROM:
            digits = [key // int(power) % _BASE for power in _DIGITS]
            return tuple(self._policy.score_reasons[digit - 1] for digit in digits if digit)
        bits, declined = divmod(key - _RULES_FROM, 2)
        holds = [not bits >> place & 1 for place in range(len(self._policy.rules))]
        outcome = Outcome.DECLINED if declined else Outcome.REFERRED
        return rule_reasons(self._policy, holds, outcome.severity)

    def _failed_rules(self, bits: int) -> tuple[str, ...]:
        return tuple(rule.name for place, rule in enumerate(self._policy.rules) if bits >> place & 1)
