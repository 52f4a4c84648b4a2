"""Comparison of a recorded decision with its reproduction, to the last bit."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

_ABSENT = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs, by its path in the record ("prediction.pd.value"), with both values."""

    field: str
    recorded: str
    reproduced: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The number of fields compared, and every difference."""

    compared: int
    differences: tuple[Difference, ...]

    @property
    def identical(self) -> bool:
        """Whether there is no difference."""
        return not self.differences


def compare(recorded: dict[str, Any], reproduced: dict[str, Any]) -> Comparison:
    """Compare two records field by field; numbers are compared by their exact text."""
    before, after = dict(_leaves(recorded)), dict(_leaves(reproduced))
    names = dict.fromkeys((*before, *after))
    differing = (
        Difference(name, before.get(name, _ABSENT), after.get(name, _ABSENT))
        for name in names
        if before.get(name) != after.get(name)
    )
    return Comparison(len(names), tuple(differing))


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf of a value by its path, as exact text: `repr` distinguishes any two floats."""
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        for key, content in value.items():
            yield from _leaves(content, f"{name}.{key}" if name else key)
    elif isinstance(value, tuple):
        for index, content in enumerate(value):
            yield from _leaves(content, f"{name}[{index}]")
    elif isinstance(value, Enum):
        yield name, str(value.value)
    else:
        yield name, value if isinstance(value, str) else repr(value)
