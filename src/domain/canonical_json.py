"""Canonical JSON: equal values always give the same text, so that it can be fingerprinted."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any


def canonical_json(value: Any) -> str:
    """A value's fields or items as JSON, in order, without derived ones; floats have their shortest exact form.

    An int in a field of type float is converted to a float.
    """
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {
            field.name: float(given) if field.type is float else _plain(given)
            for field in fields(value)
            if field.init and (given := getattr(value, field.name)) is not None
        }
    return value
