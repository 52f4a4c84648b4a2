"""Plausibility as data of a product: values that an application may have, but that are usually a slip."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.products.fields import Field, NumberField
from domain.products.formula import AMOUNT, Formula, InvalidFormula, compile_measures

Values = Mapping[str, object]
"""The values of an application by field, as posted."""


@dataclass(frozen=True, slots=True)
class PlausibilityCheck:
    """A question to the person who enters an application, about the value of one field.

    `formula` is computed from the numbers of the application, where `amount` is the loan amount. Its result is
    questionable if it is greater than `above` and less than `below`; a bound that is None does not count. A number
    that is not given is not questionable. `question` says what may be wrong: "Is this the income of a month?"
    """

    field: str
    formula: str
    question: str
    above: float | None = None
    below: float | None = None

    def faults(self, fields: Mapping[str, Field], amount: str) -> Iterator[str]:
        """What is wrong with this check for a product with these fields, of which one is the loan amount."""
        what = f"plausibility of {self.field}"
        if self.field not in fields:
            yield f"{what}: no field has this name"
        if not self.question.strip():
            yield f"{what}: it needs a question"
        if self.above is None and self.below is None:
            yield f"{what}: it needs a bound, above or below"
        if self.above is not None and self.below is not None and self.above >= self.below:
            yield f"{what}: no number is above {self.above:g} and below {self.below:g}"
        numbers = {each.name for each in fields.values() if isinstance(each, NumberField)}
        try:
            Formula(self.formula).check_names(numbers - {amount} | {AMOUNT})
        except InvalidFormula as fault:
            yield f"{what}: {fault}"

    def questions(self, result: float) -> bool:
        """Whether a result of the formula is questionable."""
        over = self.above is None or result > self.above
        under = self.below is None or result < self.below
        return over and under and result == result  # noqa: PLR0124 - NaN is unequal to itself


def questionable(
    checks: tuple[PlausibilityCheck, ...], values: Values, amount: str
) -> tuple[PlausibilityCheck, ...]:
    """The checks that find a value questionable, in order; `amount` is the field of the loan amount."""
    numbers = {name: _number(value) for name, value in values.items()}
    names = tuple(name for name in numbers if name != amount)
    compute = compile_measures(
        [Formula(check.formula) for check in checks], {}, {name: place for place, name in enumerate(names)}
    )
    results = compute([numbers[name] for name in names], numbers[amount], 0.0)
    return tuple(check for check, result in zip(checks, results, strict=True) if check.questions(float(result)))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
