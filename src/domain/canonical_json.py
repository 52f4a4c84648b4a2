"""Values as text that is the same for the same value, always: what fingerprints are taken of."""

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any


def canonical_json(value: Any) -> str:
    """JSON of a value's fields in their order, floats in their shortest exact form; derived fields are left out.

    A whole number where the field is a float is written as the float it stands for.
    """
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        return {
            field.name: float(given) if field.type is float else _plain(given)
            for field in fields(value)
            if field.init and (given := getattr(value, field.name)) is not None
        }
    return value
