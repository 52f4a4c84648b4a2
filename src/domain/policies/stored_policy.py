"""Reads a policy version from its document, as written by `ScoringPolicy.document`."""

import json
from typing import Any

from domain.policies.outcome import Outcome
from domain.policies.product import Grade, Product
from domain.policies.reasons import ReasonCode
from domain.policies.rules import Comparison, Rule
from domain.policies.scoring_policy import ScoringPolicy


class InvalidPolicy(ValueError):
    """The document is not a policy that this release can read."""


def policy_from(document: str) -> ScoringPolicy:
    """The policy in the document; raises InvalidPolicy."""
    try:
        policy = parse_policy(json.loads(document))
    except (ValueError, LookupError, TypeError, RecursionError) as fault:
        raise InvalidPolicy(f"the document is not a policy that this release can read ({fault})") from fault
    if policy.document != document:
        raise InvalidPolicy("the document has content that this release does not read")
    return policy


def parse_policy(content: dict[str, Any]) -> ScoringPolicy:
    """The policy of a decoded document; raises ValueError, LookupError and TypeError."""
    parts = {
        "rules": tuple(parse_rule(rule) for rule in content["rules"]),
        "product": parse_product(content["product"]),
    }
    return ScoringPolicy(**content | parts)


def parse_rule(content: dict[str, Any]) -> Rule:
    """A rule of a decoded document."""
    return Rule(
        **content
        | {
            "comparison": Comparison(content["comparison"]),
            "reason": ReasonCode(content["reason"]),
            "otherwise": Outcome(content["otherwise"]),
        }
    )


def parse_product(content: dict[str, Any]) -> Product:
    """The loan product of a decoded document."""
    return Product(**content | {"grades": tuple(Grade(**grade) for grade in content["grades"])})
