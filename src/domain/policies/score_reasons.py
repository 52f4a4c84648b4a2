"""Which characteristics are reasons of the score, for one applicant.

A characteristic is compared with the reference profile (`reasons.py`). From policy schema 3 on, it is a reason
only if it raises the log-odds by the policy's smallest reason, and if its reason is true: what has its best value,
such as the longest employment, or is missing and therefore neutral, is none. If the score alone decides and
nothing reaches the smallest reason, the largest one is stated, because a notice needs a specific reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Self

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
    ) -> tuple[AdverseActionReason, ...]:
        """At most four reasons, largest first; `alone` says whether no rule gives a reason.

        Ties keep the order of the characteristics.
        """
        excess = [contribution - usual for contribution, usual in zip(contributions, reference, strict=True)]
        positive = [index for index in _largest_first(excess) if excess[index] > 0]
        true = self._true(positive, inputs)
        stated = [index for index in true if excess[index] >= self.smallest]
        if alone and not stated:
            stated = (true or positive)[:1]
        return tuple([self.reasons[index] for index in stated[:MAX_REASONS]])

    def _true(self, places: Sequence[int], inputs: Characteristics) -> list[int]:
        """The places without those whose reason would not be true of the applicant."""
        untrue = {each.place for each in self.best if each.direction * (inputs[each.place] - each.number) <= 0}
        untrue |= {place for place in self.neutral if isnan(inputs[place])}
        return [place for place in places if place not in untrue]


def _largest_first(excess: Sequence[float]) -> list[int]:
    return sorted(range(len(excess)), key=excess.__getitem__, reverse=True)


def _best(field: Field, direction: int) -> float:
    """The best number that the field allows."""
    numbers: Iterator[float]
    if isinstance(field, ChoiceField):
        numbers = (float(number) for number in field.numbers or () if number is not None)
    else:
        numbers = iter((float(field.minimum), float(field.maximum)))
    return min(numbers) if direction > 0 else max(numbers)
