"""Fields of a loan application: names, labels, units, limits and hints, as data of a product."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from keyword import iskeyword

from domain.applications import application_identity, bureau_fields

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_MISSING = float("nan")
_RESERVED = frozenset({"row", "line", "broken_text", "broken_reason"})
_COMMON = frozenset({*application_identity.NAMES, *bureau_fields.NAMES})
"""What every application has beside the fields of its product."""
TRAINING_COLUMNS = frozenset(
    {"issue_d", "loan_status", "grade", "sample_weight", "int_rate", "funded_amnt", "total_pymnt", "recoveries"}
)
"""Columns of files for training that are not fields: when a loan was issued, how it ended, and its weight."""
LARGEST = 1e12
"""The largest number in a definition; cents of it are still exact."""


@dataclass(frozen=True, slots=True)
class NumberField:
    """A number with inclusive limits. `whole` numbers have no fraction; `optional` ones may be missing.

    A `unit` that begins with "$" is money, rounded to whole cents. `group` is the card in the form and on the page
    of a decision. `aliases` are other names of the column in files. `not_below` names the field that this one must
    reach, such as the low end of a range; then `usual_width` is the usual difference, and `if_below` the message
    where it is below. `range_label` of the low end is the label of the whole range. `if_missing` is shown where an
    optional number is missing. One that is `neutral_if_missing` then counts in the model like the usual number of
    the training loans, and is never a reason. Files for training may lack the number if it is
    `optional_in_training`. `joint_column` is the column of a joint application's figure in files. Pages show money
    and percent with their unit, others only if the field `shows_unit`.
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
    usual_width: float | None = None
    if_below: str = ""
    range_label: str = ""
    if_missing: str = "Not provided"
    optional_in_training: bool = False
    joint_column: str = ""
    shows_unit: bool = False
    neutral_if_missing: bool | None = None

    @property
    def is_money(self) -> bool:
        """Whether the number is an amount in dollars."""
        return self.unit.startswith("$")

    @property
    def allowed(self) -> str:
        """The allowed values, for an error message."""
        missing = ", or nothing" if self.optional else ""
        return f"{self.kind} from {_number(self.minimum)} to {_number(self.maximum)}{missing}"

    def allows(self, value: object) -> bool:
        """Whether an application can have this value; None is no value."""
        if value is None:
            return self.optional
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.minimum <= value <= self.maximum and not (self.whole and value != int(value))

    @property
    def kind(self) -> str:
        """What the value is, for an error message."""
        return "a whole number" if self.whole else "a number"

    def allowed_from(self, other: str, least: float) -> str:
        """The allowed values where this number must reach another, for an error message."""
        return f"{self.kind} from {other}, {_number(least)}, to {_number(self.maximum)}"

    def faults(self) -> Iterator[str]:
        """What is wrong with the definition of this field."""
        yield from _name_faults(self.name, self.label)
        if not -LARGEST <= self.minimum < self.maximum <= LARGEST:
            yield f"field {self.name}: the minimum must be below the maximum, and both within {LARGEST:,.0f}"
        if not -LARGEST <= (self.usual_width or 0) <= LARGEST:
            yield f"field {self.name}: the usual width must be within {LARGEST:,.0f}"
        if self.neutral_if_missing and not self.optional:
            yield f"field {self.name}: only an optional number can be neutral if it is missing"


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """One of a fixed list of words.

    `numbers` gives each choice the number that model and policy use, such as months or years; None for a choice
    that means "not given". `labels` are the texts that pages show for the choices, in the same order; without them
    a choice is shown as it is. `if_missing` is shown where an optional choice is missing.
    """

    name: str
    label: str
    choices: tuple[str, ...]
    hint: str
    group: str = ""
    numbers: tuple[float | None, ...] | None = None
    optional: bool = False
    aliases: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    if_missing: str = "Not provided"

    @property
    def allowed(self) -> str:
        """The allowed values, for an error message."""
        return "one of " + ", ".join(self.choices) + (", or nothing" if self.optional else "")

    def allows(self, value: object) -> bool:
        """Whether an application can have this value; None is no value."""
        return self.optional if value is None else value in self.choices

    def label_of(self, choice: str) -> str:
        """The text that pages show for a choice."""
        return dict(zip(self.choices, self.labels, strict=False)).get(choice, choice)

    def choice_of(self, number: float) -> str:
        """The choice that has this number."""
        numbers = self.number_by_choice
        return next(choice for choice in self.choices if numbers[choice] == number)

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
        if any(choice != choice.strip() for choice in self.choices):
            yield f"field {self.name}: a choice has no spaces around it, which files and requests ignore"
        if any(not choice.isprintable() or {*choice} & {'"', "\\"} for choice in self.choices):
            yield f"field {self.name}: a choice has no quotation marks, backslashes or control characters"
        if self.labels and len(self.labels) != len(self.choices):
            yield f"field {self.name}: {len(self.choices)} choices do not go with {len(self.labels)} labels"
        if self.numbers is not None and len(self.numbers) != len(self.choices):
            yield f"field {self.name}: {len(self.choices)} choices do not go with {len(self.numbers)} numbers"
        if not all(-LARGEST <= number <= LARGEST for number in self.numbers or () if number is not None):
            yield f"field {self.name}: the numbers of choices must be within {LARGEST:,.0f}"


Field = NumberField | ChoiceField


@dataclass(frozen=True, slots=True)
class JointApplications:
    """How files mark joint applications: a `column` that has one of the `words`, in lower case.

    The figures of fields with a `joint_column` are then the household's.
    """

    column: str
    words: tuple[str, ...]


def is_name(text: str) -> bool:
    """Whether fields and derived quantities can have this name, which formulas use."""
    return bool(_NAME.fullmatch(text)) and not iskeyword(text)


def column_faults(fields: Iterable[Field], joint: JointApplications | None) -> Iterator[str]:
    """What is wrong with the names of columns in files: each may mean one thing only."""
    for name, count in Counter(_columns(fields, joint)).items():
        if count > 1:
            yield f"column {name} is defined {count} times"
        if name in TRAINING_COLUMNS:
            yield f"column {name}: files for training use this name; choose another"


def _columns(fields: Iterable[Field], joint: JointApplications | None) -> Iterator[str]:
    for one in fields:
        yield one.name
        yield from {alias.strip().casefold() for alias in one.aliases} - {one.name}
        if isinstance(one, NumberField) and one.joint_column:
            yield one.joint_column.strip().casefold()
    if joint is not None:
        yield joint.column.strip().casefold()


def _number(value: float) -> str:
    return f"{value:,.10g}"


def _name_faults(name: str, label: str) -> Iterator[str]:
    if not is_name(name):
        yield f"field {name!r}: a name is lower-case letters, digits and _, and begins with a letter"
    if name in _RESERVED:
        yield f"field {name}: results of files use this name; choose another"
    if name in _COMMON:
        yield f"field {name}: every application has it beside the product's fields; choose another name"
    if not label.strip():
        yield f"field {name}: it needs a label"
