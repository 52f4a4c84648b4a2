"""Reads a product definition from its document, as written by `ProductDefinition.document`, or from a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin

from domain.products.fields import ChoiceField, JointApplications, NumberField
from domain.products.levers import Lever
from domain.products.plausibility import PlausibilityCheck
from domain.products.product_definition import KIND, SCHEMA, InvalidProductDefinition, ProductDefinition
from domain.products.quantities import Characteristic, DerivedQuantity, Measure
from domain.written_json import read_written_json

_LISTS: Mapping[str, type[Any]] = {
    "derived": DerivedQuantity,
    "characteristics": Characteristic,
    "measures": Measure,
    "levers": Lever,
    "plausibility": PlausibilityCheck,
}


class UnreadableProduct(ValueError):
    """The document is not a product definition that this release can read; `faults` lists everything wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def product_from(document: str) -> ProductDefinition:
    """The definition in an archived document; raises UnreadableProduct."""
    product = read_product(document)
    if product.document != document:
        raise UnreadableProduct(["the document has content that this release does not read"])
    return product


def read_product(text: str) -> ProductDefinition:
    """The definition in JSON that a person may have written, in any order and layout; raises UnreadableProduct."""
    content = _object(text)
    faults: list[str] = []
    kind, schema = content.pop("kind", None), content.pop("schema", None)
    if (kind, schema) != (KIND, SCHEMA):
        faults.append(f"kind {kind!r}, schema {schema!r}: this release reads kind {KIND!r}, schema {SCHEMA}")
    lists = {name: _items(content, name, faults) for name in ("fields", *_LISTS)}
    parts: dict[str, Any] = {
        name: tuple(_part(made, f"{name} {place}", item, faults) for place, item in enumerate(lists[name], 1))
        for name, made in _LISTS.items()
    }
    parts["fields"] = tuple(
        _part(ChoiceField if "choices" in item else NumberField, f"fields {place}", item, faults)
        for place, item in enumerate(lists["fields"], 1)
    )
    joint = content.get("joint")
    if isinstance(joint, dict):
        content["joint"] = _part(JointApplications, "joint", joint, faults)
    whole = {"purpose": None} | content | dict.fromkeys(lists, ())
    faults += _faults_of(ProductDefinition, "the product", whole)
    if faults:
        raise UnreadableProduct(faults)
    try:
        return ProductDefinition(**whole | parts)
    except InvalidProductDefinition as fault:
        raise UnreadableProduct(fault.faults) from fault
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as fault:
        raise UnreadableProduct([f"not a product definition that this release can read ({fault})"]) from fault


def _object(text: str) -> dict[str, Any]:
    try:
        content = read_written_json(text)
    except (ValueError, RecursionError) as fault:
        raise UnreadableProduct([f"it is not valid JSON ({fault})"]) from fault
    if not isinstance(content, dict):
        raise UnreadableProduct(["it is not a JSON object"])
    return content


def _items(content: dict[str, Any], name: str, faults: list[str]) -> list[dict[str, Any]]:
    """The list of objects with this name, which may be missing if it can be empty."""
    given = content.pop(name, None if name == "fields" else [])
    if isinstance(given, list) and all(isinstance(item, dict) for item in given):
        return given
    faults.append(f"{name} must be a list of objects")
    return []


def _part(made: type[Any], where: str, content: dict[str, Any], faults: list[str]) -> Any:
    """A part of the definition; None with its faults added if it has any."""
    name = content.get("name", content.get("field"))
    found = list(_faults_of(made, f"{where} ({name})" if isinstance(name, str) else where, content))
    faults += found
    if found:
        return None
    types = {each.name: each.type for each in fields(made)}
    return made(**{name: _converted(value, types[name]) for name, value in content.items()})


def _faults_of(made: type[Any], where: str, content: Mapping[str, Any]) -> Iterator[str]:
    """What keeps the content from being the members of a dataclass."""
    members = {each.name: each for each in fields(made) if each.init}
    for name in content.keys() - members.keys():
        yield f"{where}: unknown member {name!r}; the members are {', '.join(members)}"
    for name, member in members.items():
        if name not in content:
            if member.default is MISSING:
                yield f"{where}: {name} is missing"
        elif not _fits(content[name], member.type):
            yield f"{where}: {name} must be {_described(member.type)}"


def _fits(value: object, wanted: Any) -> bool:
    origin = get_origin(wanted)
    if origin is UnionType:
        return any(_fits(value, each) for each in get_args(wanted))
    if origin is tuple:
        return isinstance(value, list | tuple) and all(_fits(each, get_args(wanted)[0]) for each in value)
    if origin is not None:
        of = get_args(wanted)[1]
        return isinstance(value, Mapping) and (of is object or all(_fits(each, of) for each in value.values()))
    if issubclass(wanted, Enum):
        return any(value == each.value for each in wanted)
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is wanted


def _converted(value: Any, wanted: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return wanted(value) if isinstance(wanted, type) and issubclass(wanted, Enum) else value


def _described(wanted: Any) -> str:
    names = {str: "a text", float: "a number", int: "a whole number", bool: "true or false"}
    if get_origin(wanted) is UnionType:
        return " or ".join(_described(each) for each in get_args(wanted))
    if get_origin(wanted) is tuple:
        return "a list"
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return "one of " + ", ".join(repr(each.value) for each in wanted)
    return names.get(wanted, "null" if wanted is type(None) else "an object")
