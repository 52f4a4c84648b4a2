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
    policy = policy_written_as(document)
    if policy.document != document:
        raise InvalidPolicy("the document has content that this release does not read")
    return policy


def policy_written_as(text: str) -> ScoringPolicy:
    """The policy in a JSON text of any spacing, such as a file that a person edited; raises InvalidPolicy."""
    try:
        content = json.loads(text)
        parts = {"rules": _rules(content["rules"]), "product": _product(content["product"])}
        policy = ScoringPolicy(**content | parts)
        json.loads(policy.document)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
        raise InvalidPolicy(f"the document is not a policy that this release can read ({fault})") from fault
    return policy


def _rules(content: list[dict[str, Any]]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            **rule
            | {
                "comparison": Comparison(rule["comparison"]),
                "reason": ReasonCode(rule["reason"]),
                "otherwise": Outcome(rule["otherwise"]),
            }
        )
        for rule in content
    )


def _product(content: dict[str, Any]) -> Product:
    return Product(**content | {"grades": tuple(Grade(**grade) for grade in content["grades"])})
