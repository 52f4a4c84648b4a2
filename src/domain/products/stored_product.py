"""Reads a product definition from its document, as written by `ProductDefinition.document`, or from a file."""

import json
from collections.abc import Mapping
from typing import Any

from domain.products.fields import ChoiceField, Field, JointApplications, NumberField
from domain.products.levers import Lever, LeverKind
from domain.products.product_definition import (
    KIND,
    SCHEMA,
    Characteristic,
    DerivedQuantity,
    InvalidProductDefinition,
    Measure,
    ProductDefinition,
)


class UnreadableProduct(ValueError):
    """The document is not a product definition that this release can read."""


def product_from(document: str) -> ProductDefinition:
    """The definition in an archived document; raises UnreadableProduct."""
    product = read_product(document)
    if product.document != document:
        raise UnreadableProduct("the document has content that this release does not read")
    return product


def read_product(text: str) -> ProductDefinition:
    """The definition in JSON that a person may have written, in any order and layout; raises UnreadableProduct."""
    try:
        content = json.loads(text)
        _check_layout(content.pop("kind"), content.pop("schema"))
        return ProductDefinition(
            **content
            | {
                "purpose": content.get("purpose"),
                "fields": tuple(_field(each) for each in content["fields"]),
                "derived": tuple(DerivedQuantity(**each) for each in content["derived"]),
                "characteristics": tuple(Characteristic(**each) for each in content["characteristics"]),
                "measures": tuple(Measure(**each) for each in content["measures"]),
                "joint": _joint(content.get("joint")),
                "levers": tuple(_lever(each) for each in content["levers"]),
            }
        )
    except (UnreadableProduct, InvalidProductDefinition) as fault:
        raise UnreadableProduct(str(fault)) from fault
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
        raise UnreadableProduct(f"not a product definition that this release can read ({fault})") from fault


def _check_layout(kind: object, schema: object) -> None:
    if (kind, schema) != (KIND, SCHEMA):
        raise UnreadableProduct(f"kind {kind!r}, schema {schema!r}; this release reads {KIND!r}, {SCHEMA}")


def _field(content: dict[str, Any]) -> Field:
    lists = {name: tuple(value) for name, value in content.items() if isinstance(value, list)}
    return ChoiceField(**content | lists) if "choices" in content else NumberField(**content | lists)


def _joint(content: Mapping[str, Any] | None) -> JointApplications | None:
    return None if content is None else JointApplications(content["column"], tuple(content["words"]))


def _lever(content: dict[str, Any]) -> Lever:
    return Lever(**content | {"kind": LeverKind(content["kind"])})
