"""Reads a policy that a person wrote or edited, and names every fault."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, get_origin

from domain.policies.authority import AuthorityLimit
from domain.policies.pricing import Grade, Pricing
from domain.policies.review_terms import InvalidReviewTerms, ResolutionReason, ReviewTerms
from domain.policies.rules import Rule, check_rule
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.stored_policy import (
    ERRORS,
    InvalidPolicy,
    parse_policy,
    parse_pricing,
    parse_review_terms,
    parse_rule,
    policy_from,
    pricing_field,
    schema_and_product,
)
from domain.products.product_definition import ProductDefinition
from domain.written_json import read_written_json

_HEADER = ("kind", "schema", "product")
"""What documents state from schema 2 on, before the policy's own fields."""
_SINCE = {"smallest_reason": 3, "review_terms": 4}
"""The schema from which on documents state a field."""


def policy_in_file(text: str, product: ProductDefinition) -> ScoringPolicy:
    """The policy for a product in a JSON text of any spacing; raises InvalidPolicy with one line per fault."""
    try:
        content = read_written_json(text)
    except (ValueError, RecursionError) as fault:
        raise InvalidPolicy(f"the file is not JSON that can be read ({fault})") from fault
    faults = list(_policy_structure(content)) or list(_other_product(content, product))
    faults = faults or list(_values(content, product))
    if faults:
        raise InvalidPolicy("\n".join(faults))
    return policy_from(parse_policy(content, product).document, product)


def _other_product(content: dict[str, Any], product: ProductDefinition) -> Iterator[str]:
    """A policy of another product has other measures and reasons, which would all be faults."""
    version = schema_and_product(content)[1]
    if version != product.product_version:
        yield f"the policy is for {version}, not for {product.product_version}"


def _policy_structure(content: Any) -> Iterator[str]:
    if not isinstance(content, dict):
        yield "the policy must be an object with the fields of a policy"
        return
    try:
        schema, _ = schema_and_product(content)
    except ERRORS as fault:
        yield f"the policy: its kind, schema or product cannot be read ({fault})"
        return
    expected = {field.name: field.type for field in fields(ScoringPolicy) if field.init}
    pricing = pricing_field(schema)
    expected = {
        pricing if name == "pricing" else name: kind
        for name, kind in expected.items()
        if name not in {"product", "schema", *(field for field, first in _SINCE.items() if schema < first)}
    }
    own = {name: value for name, value in content.items() if schema == 1 or name not in _HEADER}
    yield from _fields(expected, own, "the policy", {pricing: Pricing, "review_terms": ReviewTerms})


def _structure(kind: type, content: Any, place: str) -> Iterator[str]:
    """Missing and unknown fields, and values of the wrong type, of a dataclass and of those that it contains."""
    if not isinstance(content, dict):
        yield f"{place} must be an object with the fields of a {kind.__name__}"
        return
    yield from _fields({field.name: field.type for field in fields(kind) if field.init}, content, place)


def _fields(
    expected: dict[str, Any], content: dict[str, Any], place: str, parts: Mapping[str, type] = MappingProxyType({})
) -> Iterator[str]:
    yield from (f"{place}: {name} is missing" for name in expected if name not in content)
    for name, value in content.items():
        if name not in expected:
            yield f"{place}: {name} is unknown; the fields are {', '.join(expected)}"
        elif name in _LISTS:
            yield from _items(_LISTS[name], value, name)
        elif name in parts:
            yield from _structure(parts[name], value, name)
        elif get_origin(expected[name]) is tuple and not isinstance(value, list):
            yield f"{place}: {name} must be a list, not {value!r}"
        elif expected[name] in _TYPES:
            accepted, what = _TYPES[expected[name]]
            if not isinstance(value, accepted) or (isinstance(value, bool) and accepted is not bool):
                yield f"{place}: {name} must be {what}, not {value!r}"


_LISTS: dict[str, type] = {
    "rules": Rule,
    "grades": Grade,
    "authority": AuthorityLimit,
    "reasons": ResolutionReason,
}
_TYPES: dict[Any, tuple[Any, str]] = {
    float: (int | float, "a number"),
    int: (int, "a whole number"),
    bool: (bool, "true or false"),
    str: (str, "a text"),
}


def _items(kind: type, content: Any, name: str) -> Iterator[str]:
    if not isinstance(content, list):
        yield f"{name} must be a list"
        return
    for number, item in enumerate(content, 1):
        yield from _structure(kind, item, f"{name}, number {number}")


def _values(content: dict[str, Any], product: ProductDefinition) -> Iterator[str]:
    """The values that rules, pricing and policy refuse."""
    schema, _ = schema_and_product(content)
    faults = [
        f"rules, number {number}: {fault}"
        for number, rule in enumerate(content["rules"], 1)
        if (fault := _fault(lambda each: check_rule(parse_rule(each), product, circumstances=schema >= 4), rule))
    ]
    pricing = pricing_field(schema)
    if fault := _fault(parse_pricing, content[pricing]):
        faults.append(f"{pricing}: {fault}")
    if "review_terms" in content:
        grades = [grade["name"] for grade in content[pricing]["grades"]]
        faults.extend(f"review_terms: {fault}" for fault in _review_faults(content["review_terms"], grades))
    yield from faults
    if not faults and (fault := _fault(lambda whole: parse_policy(whole, product), content)):
        yield f"the policy: {fault}"


def _review_faults(content: dict[str, Any], grades: Sequence[str]) -> Sequence[str]:
    try:
        parse_review_terms(content).check_grades(grades)
    except InvalidReviewTerms as fault:
        return fault.faults
    except ERRORS as fault:
        return (str(fault),)
    return ()


def _fault(parse: Any, content: Any) -> str:
    try:
        parse(content)
    except ERRORS as fault:
        return str(fault)
    return ""
