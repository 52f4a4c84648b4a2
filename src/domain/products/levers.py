"""Levers as data: what an applicant can change about a loan application, in which direction and in which steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from domain.products.fields import LARGEST, ChoiceField, Field, NumberField

_MOST_STEPS = 1_000
"""The search for pairs of changes tries each."""


class LeverKind(Enum):
    """The values that a lever tries, smallest change first.

    SMALLER_AMOUNT: amounts of the policy below the requested one, or the minimum if the request was below that.
    OTHER_CHOICE: every other choice of a field whose choices have numbers. WHOLE_NUMBERS_BELOW: down to the
    field's minimum. STEPS_UP: multiples of `step` above the given value, up to `maximum`.
    """

    SMALLER_AMOUNT = "smaller amount"
    OTHER_CHOICE = "other choice"
    WHOLE_NUMBERS_BELOW = "whole numbers below"
    STEPS_UP = "steps up"


@dataclass(frozen=True, slots=True)
class Lever:
    """A field that can be changed. `immediate` says that the change does not take months.

    `partner` is a field that keeps its distance from this one, such as the high end of a range; it is not raised
    above `maximum`.

    `label` names the lever in a list. `change` is the text of a proposed change with `{instead}` and `{given}`;
    `to_one` and `to_zero` replace it for these numbers. `remark` says how the change happens.
    """

    field: str
    kind: LeverKind
    immediate: bool
    step: float = 0.0
    maximum: float = 0.0
    partner: str = ""
    label: str = ""
    change: str = ""
    to_one: str = ""
    to_zero: str = ""
    remark: str = ""

    def faults(self, fields: Mapping[str, Field]) -> Iterator[str]:
        """What is wrong with this lever for a product with these fields."""
        changed, partner = fields.get(self.field), fields.get(self.partner)
        name = f"lever {self.field}"
        if changed is None:
            yield f"{name}: no field has this name"
        elif self.kind is LeverKind.OTHER_CHOICE:
            if not isinstance(changed, ChoiceField) or changed.numbers is None:
                yield f"{name}: {self.kind.value!r} needs a choice with numbers"
        elif not isinstance(changed, NumberField):
            yield f"{name}: {self.kind.value!r} needs a number"
        else:
            yield from self._faults_of_steps(changed)
        if self.partner and not isinstance(partner, NumberField):
            yield f"{name}: the partner {self.partner} is not a number of the application"

    def _faults_of_steps(self, changed: NumberField) -> Iterator[str]:
        name, step, maximum = f"lever {self.field}", 1.0, changed.maximum
        if self.kind is LeverKind.SMALLER_AMOUNT:  # its steps are those of the policy
            return
        if self.kind is LeverKind.STEPS_UP:
            step, maximum = self.step, self.maximum
            if not (1 <= step <= LARGEST and step == int(step)) or maximum <= 0:
                yield f"{name}: {self.kind.value!r} needs a whole step of 1 or more and a maximum"
                return
            if maximum > changed.maximum:
                yield f"{name}: the maximum is above that of the field, {changed.maximum:g}"
        if maximum - changed.minimum > _MOST_STEPS * step:
            yield f"{name}: {self.kind.value!r} would try more than {_MOST_STEPS:,} values"
