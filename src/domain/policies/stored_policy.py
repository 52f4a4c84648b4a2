"""Reads a policy version from its document, as written by `ScoringPolicy.document`."""

import json
from dataclasses import replace
from typing import Any

from domain.access.user import Role
from domain.applications.loan_application import ProductVersion
from domain.policies.authority import AuthorityLimit
from domain.policies.bureau_rules import STALE_REPORT_RULE, with_bureau_rules
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.policies.pricing import Grade, Pricing
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS, ResolutionReason, ReviewTerms
from domain.policies.rules import Comparison, Rule
from domain.policies.scoring_policy import KIND, SCHEMA, ScoringPolicy
from domain.products.product_definition import ProductDefinition

PRODUCT_OF_SCHEMA_1 = ProductVersion("personal_loan", "1")
"""Policies, models and records of the first releases name no product: there was one."""

USUAL_SMALLEST_REASON = 0.05
"""Log-odds: that moves a PD of 14 % by 0.6 points, less than a refitted model does."""

_SCHEMAS_WITH_HEADER = (2, 3, 4)

ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What reading invalid content may raise."""


class InvalidPolicy(ValueError):
    """The document is not a policy that this release can read."""


class PolicyOfOtherProduct(InvalidPolicy):
    """The policy is for another product, or another version of it."""


def policy_from(document: str, product: ProductDefinition) -> ScoringPolicy:
    """The policy in the document, which is for this product; raises InvalidPolicy."""
    try:
        policy = parse_policy(json.loads(document), product)
    except InvalidPolicy:
        raise
    except ERRORS as fault:
        raise InvalidPolicy(f"the document is not a policy that this release can read ({fault})") from fault
    if policy.document != document:
        raise InvalidPolicy("the document has content that this release does not read")
    return policy


def stated_version(document: str) -> str:
    """The version that the policy in a document states; raises InvalidPolicy."""
    try:
        content = json.loads(document)
        schema_and_product(content)
        return str(content["version"])
    except ERRORS as fault:
        raise InvalidPolicy(f"the document is not a policy that this release can read ({fault})") from fault


def schema_and_product(content: dict[str, Any]) -> tuple[int, ProductVersion]:
    """The schema and the product of a decoded document; raises InvalidPolicy."""
    if "kind" not in content:
        return 1, PRODUCT_OF_SCHEMA_1
    kind, schema = content["kind"], content["schema"]
    if kind != KIND or type(schema) is not int or schema not in _SCHEMAS_WITH_HEADER:
        schemas = f"{', '.join(map(str, _SCHEMAS_WITH_HEADER[:-1]))} and {_SCHEMAS_WITH_HEADER[-1]}"
        raise InvalidPolicy(f"kind {kind!r}, schema {schema!r}; this release reads {KIND!r}, {schemas}")
    return schema, ProductVersion(**content["product"])


def pricing_field(schema: int) -> str:
    """The name of the pricing in a document."""
    return "product" if schema == 1 else "pricing"


def parse_policy(content: dict[str, Any], product: ProductDefinition) -> ScoringPolicy:
    """The policy of a decoded document; raises InvalidPolicy and the other ERRORS."""
    schema, version = schema_and_product(content)
    if version != product.product_version:
        raise PolicyOfOtherProduct(f"the policy is for {version}, not for {product.product_version}")
    rest = {name: value for name, value in content.items() if name not in {"kind", "schema", "product", "pricing"}}
    parts: dict[str, Any] = {
        "rules": tuple(parse_rule(rule) for rule in content["rules"]),
        "pricing": parse_pricing(content[pricing_field(schema)]),
    }
    if schema >= 4:
        parts["review_terms"] = parse_review_terms(content["review_terms"])
    return ScoringPolicy(**rest | parts, product=product, schema=schema)


def in_present_schema(policy: ScoringPolicy, version: str) -> ScoringPolicy:
    """The policy with this version in the present schema: it decides alike, with what the schema adds.

    From schema 4 on it states the bureau rules, which apply anyway, and refers a report of more than 30 days.
    """
    if policy.schema == SCHEMA:
        return replace(policy, version=version)
    smallest = policy.smallest_reason if policy.states_stability else USUAL_SMALLEST_REASON
    rules = (*with_bureau_rules(policy.rules), STALE_REPORT_RULE)
    return replace(
        policy,
        version=version,
        schema=SCHEMA,
        smallest_reason=smallest,
        rules=rules,
        review_terms=DEFAULT_REVIEW_TERMS,
    )


def parse_rule(content: dict[str, Any]) -> Rule:
    """A rule of a decoded document."""
    return Rule(
        **content | {"comparison": Comparison(content["comparison"]), "otherwise": Outcome(content["otherwise"])}
    )


def parse_pricing(content: dict[str, Any]) -> Pricing:
    """The pricing of a decoded document."""
    return Pricing(**content | {"grades": tuple(Grade(**grade) for grade in content["grades"])})


def parse_review_terms(content: dict[str, Any]) -> ReviewTerms:
    """The terms of review of a decoded document."""
    authority = tuple(AuthorityLimit(**each | {"role": Role(each["role"])}) for each in content["authority"])
    reasons = tuple(
        ResolutionReason(**each | {"outcomes": tuple(map(FinalOutcome, each["outcomes"]))})
        for each in content["reasons"]
    )
    return ReviewTerms(**content | {"authority": authority, "reasons": reasons})
