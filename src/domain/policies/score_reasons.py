"""Which characteristics are reasons of the score, for one applicant.

A characteristic is compared with the reference profile (`reasons.py`). From policy schema 3 on, it is a reason
only if it raises the log-odds by the policy's smallest reason, and if its reason is true: what has its best value,
such as the longest employment, or is missing and therefore neutral, is none. If the score alone decides and
nothing reaches the smallest reason, the largest one is stated, because a notice needs a specific reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any, Self

from domain.models.characteristics import Characteristics
from domain.policies.reasons import MAX_REASONS, AdverseActionReason
from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.product_definition import ProductDefinition


@dataclass(frozen=True, slots=True)
class BestValue:
    """The best number of a characteristic by its place: the smallest if `direction` is 1, the largest if -1."""

    place: int
    direction: int
    number: float


@dataclass(frozen=True, slots=True)
class ScoreReasons:
    """The reasons of a product's characteristics, in order, and the smallest in log-odds.

    `neutral` are the places of the characteristics that are no reason if they are missing.
    """

    reasons: tuple[AdverseActionReason, ...]
    smallest: float
    best: tuple[BestValue, ...]
    neutral: tuple[int, ...]
    _best_by_place: dict[int, BestValue] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_best_by_place", {each.place: each for each in self.best})

    @classmethod
    def of(cls, product: ProductDefinition, smallest: float) -> Self:
        """The reasons that a policy for this product states."""
        fields = [product.field_by_name[each.name] for each in product.characteristics]
        best = [
            BestValue(place, direction, _best(field, direction))
            for place, (each, field) in enumerate(zip(product.characteristics, fields, strict=True))
            if (direction := each.direction or each.reason_direction or 0)
        ]
        neutral = [
            place
            for place, field in enumerate(fields)
            if isinstance(field, NumberField) and field.neutral_if_missing
        ]
        reasons = [
            AdverseActionReason(each.reason, product.reasons[each.reason]) for each in product.characteristics
        ]
        return cls(tuple(reasons), smallest, tuple(best), tuple(neutral))

    def principal(
        self,
        inputs: Characteristics,
        contributions: Sequence[float],
        reference: Sequence[float],
        *,
        alone: bool,
        most: int = MAX_REASONS,
    ) -> tuple[AdverseActionReason, ...]:
        """At most four reasons, or another number, largest first; `alone` says whether no rule gives a reason.

        Ties keep the order of the characteristics.
        """
        excess = [contribution - usual for contribution, usual in zip(contributions, reference, strict=True)]
        largest = sorted(range(len(excess)), key=excess.__getitem__, reverse=True)
        stated: list[AdverseActionReason] = []
        for place in largest:
            if len(stated) == most or excess[place] < self.smallest or excess[place] <= 0:
                break
            if self._is_true(place, inputs[place]):
                stated.append(self.reasons[place])
        if alone and not stated:
            positive = [place for place in largest if excess[place] > 0]
            true = [place for place in positive if self._is_true(place, inputs[place])]
            stated = [self.reasons[place] for place in (true or positive)[:1]]
        return tuple(stated)

    def _is_true(self, place: int, value: Any) -> bool:
        """Whether the reason of the characteristic at this place would be true of an applicant with this value."""
        best = self._best_by_place.get(place)
        if best is not None and best.direction * (value - best.number) <= 0:
            return False
        return place not in self.neutral or not isnan(value)


def _best(field: Field, direction: int) -> float:
    """The best number that the field allows."""
    numbers: Iterator[float]
    if isinstance(field, ChoiceField):
        numbers = (float(number) for number in field.numbers or () if number is not None)
    else:
        numbers = iter((float(field.minimum), float(field.maximum)))
    return min(numbers) if direction > 0 else max(numbers)
