"""A policy version read back from its document, as `ScoringPolicy.document` writes it."""

import json
from typing import Any

from domain.policies.outcome import Outcome
from domain.policies.product import Grade, Product
from domain.policies.reasons import ReasonCode
from domain.policies.rules import Comparison, Rule
from domain.policies.scoring_policy import ScoringPolicy


class InvalidPolicy(ValueError):
    """The document holds no policy of this program's kind."""


def policy_from(document: str) -> ScoringPolicy:
    """The policy that the document holds; raises InvalidPolicy."""
    try:
        told = json.loads(document)
        policy = ScoringPolicy(**told | {"rules": _rules(told["rules"]), "product": _product(told["product"])})
    except (ValueError, LookupError, TypeError, RecursionError) as fault:
        raise InvalidPolicy(f"the document is no policy that this program knows ({fault})") from fault
    if policy.document != document:
        raise InvalidPolicy("the document says more than this program reads of it")
    return policy


def _rules(told: list[dict[str, Any]]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            **rule
            | {
                "comparison": Comparison(rule["comparison"]),
                "reason": ReasonCode(rule["reason"]),
                "otherwise": Outcome(rule["otherwise"]),
            }
        )
        for rule in told
    )


def _product(told: dict[str, Any]) -> Product:
    return Product(**told | {"grades": tuple(Grade(**grade) for grade in told["grades"])})
