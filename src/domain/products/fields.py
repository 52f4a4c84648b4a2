"""Fields of a loan application: names, labels, units, limits and hints, as data of a product."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from keyword import iskeyword
from math import isfinite

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_MISSING = float("nan")


@dataclass(frozen=True, slots=True)
class NumberField:
    """A number with inclusive limits. `whole` numbers have no fraction; `optional` ones may be missing.

    A `unit` that begins with "$" is money, rounded to whole cents. `group` is the card in the form and on the page
    of a decision. `aliases` are other names of the column in files. `not_below` names the field that this one must
    reach, such as the low end of a range.
    """

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    hint: str
    group: str = ""
    whole: bool = False
    optional: bool = False
    aliases: tuple[str, ...] = ()
    not_below: str = ""

    @property
    def is_money(self) -> bool:
        """Whether the number is an amount in dollars."""
        return self.unit.startswith("$")

    @property
    def allowed(self) -> str:
        """The allowed values, for an error message."""
        kind = "a whole number" if self.whole else "a number"
        missing = ", or nothing" if self.optional else ""
        return f"{kind} from {self.minimum:,.0f} to {self.maximum:,.0f}{missing}"

    def faults(self) -> Iterator[str]:
        """What is wrong with the definition of this field."""
        yield from _name_faults(self.name, self.label)
        if not (isfinite(self.minimum) and isfinite(self.maximum) and self.minimum < self.maximum):
            yield f"field {self.name}: the minimum must be below the maximum, and both finite"


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """One of a fixed list of words.

    `numbers` gives each choice the number that model and policy use, such as months or years; None for a choice
    that means "not given".
    """

    name: str
    label: str
    choices: tuple[str, ...]
    hint: str
    group: str = ""
    numbers: tuple[float | None, ...] | None = None
    optional: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """The allowed values, for an error message."""
        return "one of " + ", ".join(self.choices)

    @property
    def number_by_choice(self) -> dict[str, float]:
        """The number of each choice, NaN for "not given"; empty for a field of words alone."""
        numbers = zip(self.choices, self.numbers or (), strict=False)
        return {choice: _MISSING if number is None else float(number) for choice, number in numbers}

    def faults(self) -> Iterator[str]:
        """What is wrong with the definition of this field."""
        yield from _name_faults(self.name, self.label)
        if not self.choices or len(set(self.choices)) < len(self.choices) or not all(self.choices):
            yield f"field {self.name}: it needs choices, none of them empty or repeated"
        if self.numbers is not None and len(self.numbers) != len(self.choices):
            yield f"field {self.name}: {len(self.choices)} choices do not go with {len(self.numbers)} numbers"


Field = NumberField | ChoiceField


def is_name(text: str) -> bool:
    """Whether fields and derived quantities can have this name, which formulas use."""
    return bool(_NAME.fullmatch(text)) and not iskeyword(text)


def _name_faults(name: str, label: str) -> Iterator[str]:
    if not is_name(name):
        yield f"field {name!r}: a name is lower-case letters, digits and _, and begins with a letter"
    if not label.strip():
        yield f"field {name}: it needs a label"
