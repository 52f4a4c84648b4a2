"""A decision made again: does it come out as it was recorded, to the last bit?"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

_ABSENT = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that came out otherwise, in the record's terms ("prediction.pd.value"), and both its values."""

    field: str
    recorded: str
    reproduced: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many fields were compared, and every one that differs."""

    compared: int
    differences: tuple[Difference, ...]

    @property
    def identical(self) -> bool:
        """Whether not one bit differs."""
        return not self.differences


def compare(recorded: dict[str, Any], reproduced: dict[str, Any]) -> Comparison:
    """Compare values of the same names field by field, numbers by their exact form."""
    before, after = dict(_facts(recorded)), dict(_facts(reproduced))
    names = dict.fromkeys((*before, *after))
    differing = (
        Difference(name, before.get(name, _ABSENT), after.get(name, _ABSENT))
        for name in names
        if before.get(name) != after.get(name)
    )
    return Comparison(len(names), tuple(differing))


def _facts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every field at the ends of a value, with its exact text: `repr` tells any two floats apart."""
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        for part, content in value.items():
            yield from _facts(content, f"{name}.{part}" if name else part)
    elif isinstance(value, tuple):
        for place, content in enumerate(value):
            yield from _facts(content, f"{name}[{place}]")
    elif isinstance(value, Enum):
        yield name, str(value.value)
    else:
        yield name, value if isinstance(value, str) else repr(value)
