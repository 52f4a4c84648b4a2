"""Invalid values as problem details show them."""

from math import isfinite

from msgspec import UNSET, UnsetType

from entrypoints.api.http.problems import shown_text
from entrypoints.api.http.strict_json import NonFinite


def shown_value(value: object) -> str | int | float | bool | UnsetType | None:
    """A value of a request, shortened; UNSET for lists and objects."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if isfinite(value) else UNSET
        case str():
            return shown_text(value)
        case NonFinite(word):
            return word
        case _:
            return UNSET
