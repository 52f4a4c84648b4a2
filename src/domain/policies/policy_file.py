"""Reads a policy that a person wrote or edited, and names every fault."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from domain.policies.product import Grade, Product
from domain.policies.rules import Rule
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.stored_policy import InvalidPolicy, parse_policy, parse_product, parse_rule, policy_from

_ERRORS = (ValueError, LookupError, TypeError, AttributeError)


def policy_in_file(text: str) -> ScoringPolicy:
    """The policy in a JSON text of any spacing; raises InvalidPolicy with one line for each fault."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise InvalidPolicy(f"the file is not JSON ({fault})") from fault
    faults = list(_structure(ScoringPolicy, content, "the policy")) or list(_values(content))
    if faults:
        raise InvalidPolicy("\n".join(faults))
    return policy_from(parse_policy(content).document)


def _structure(kind: type, content: Any, place: str) -> Iterator[str]:
    """Missing and unknown fields, and values of the wrong type, of a dataclass and of those that it contains."""
    if not isinstance(content, dict):
        yield f"{place} must be an object with the fields of a {kind.__name__}"
        return
    expected = {field.name: field.type for field in fields(kind) if field.init}
    yield from (f"{place}: {name} is missing" for name in expected if name not in content)
    for name, value in content.items():
        if name not in expected:
            yield f"{place}: {name} is unknown; the fields are {', '.join(expected)}"
        elif name in _LISTS:
            yield from _items(_LISTS[name], value, name)
        elif name == "product":
            yield from _structure(Product, value, name)
        elif expected[name] is float and (isinstance(value, bool) or not isinstance(value, int | float)):
            yield f"{place}: {name} must be a number, not {value!r}"
        elif expected[name] is str and not isinstance(value, str):
            yield f"{place}: {name} must be a text, not {value!r}"


_LISTS: dict[str, type] = {"rules": Rule, "grades": Grade}


def _items(kind: type, content: Any, name: str) -> Iterator[str]:
    if not isinstance(content, list):
        yield f"{name} must be a list"
        return
    for number, item in enumerate(content, 1):
        yield from _structure(kind, item, f"{name}, number {number}")


def _values(content: dict[str, Any]) -> Iterator[str]:
    """The values that rules, product and policy refuse."""
    faults = [
        f"rules, number {number}: {fault}"
        for number, rule in enumerate(content["rules"], 1)
        if (fault := _fault(parse_rule, rule))
    ]
    if fault := _fault(parse_product, content["product"]):
        faults.append(f"product: {fault}")
    yield from faults
    if not faults and (fault := _fault(parse_policy, content)):
        yield f"the policy: {fault}"


def _fault(parse: Any, content: Any) -> str:
    try:
        parse(content)
    except _ERRORS as fault:
        return str(fault)
    return ""
