"""The pricing of a policy: amounts, interest rates and monthly instalments."""

from dataclasses import dataclass, field

from domain.arithmetic import Quantity, compound, steps_reached
from domain.printable import TITLE, is_title


@dataclass(frozen=True, slots=True)
class Grade:
    """A band of PD below `pd_below` and its annual interest rate (0.12 is 12 %)."""

    name: str
    pd_below: float
    annual_rate: float

    def instalment_per_dollar(self, months: int) -> float:
        """The monthly payment per dollar, as an annuity at the grade's rate."""
        monthly = self.annual_rate / 12
        growth = compound(monthly, months)
        return monthly * growth / (growth - 1.0)


class InvalidGrades(ValueError):
    """Grades are not named, not in order of PD, or have rates that fall with risk."""


class InvalidPricing(ValueError):
    """A rate, an amount or the step is out of range, or the maximum is below the minimum."""


_MOST_AMOUNTS = 100_000
_LOWEST_RATE, _HIGHEST_RATE = 0.0001, 10.0
_CENT = 0.01


@dataclass(frozen=True, slots=True)
class Pricing:
    """Amounts in dollars from `minimum_amount` to `maximum_amount` in steps of `amount_step`.

    `powers_of_two` are the powers, down to 1, whose sums reach every step; a bisection over amounts uses them.
    """

    minimum_amount: float
    maximum_amount: float
    amount_step: float
    grades: tuple[Grade, ...]
    powers_of_two: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _limits: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        limits = [grade.pd_below for grade in self.grades]
        rates = [grade.annual_rate for grade in self.grades]
        if limits != sorted(set(limits)) or rates != sorted(rates) or not limits or limits[-1] < 1.0:
            raise InvalidGrades(
                "grades must go from low PD to high and end at 1, and rates must not fall with risk"
            )
        names = [grade.name for grade in self.grades]
        if len(set(names)) < len(names) or not all(map(is_title, names)):
            raise InvalidGrades(f"every grade must have a name of its own, of {TITLE}")
        if not _LOWEST_RATE <= rates[0] <= rates[-1] <= _HIGHEST_RATE:
            raise InvalidPricing(
                f"annual rates must be from {_LOWEST_RATE} to {_HIGHEST_RATE:g}, where 0.12 is 12 %, not {rates}"
            )
        if not (self.amount_step >= _CENT and self.minimum_amount >= _CENT):
            raise InvalidPricing("amounts and their step must be at least a cent")
        if self.maximum_amount < self.minimum_amount:
            raise InvalidPricing("the maximum amount must not be below the minimum amount")
        if not self.maximum_amount - self.minimum_amount <= _MOST_AMOUNTS * self.amount_step:
            raise InvalidPricing(f"there are more than {_MOST_AMOUNTS:,} amounts; choose a larger step")
        # Computed once; the value is frozen.
        object.__setattr__(self, "_limits", tuple(grade.pd_below for grade in self.grades[:-1]))
        steps = int((self.maximum_amount - self.minimum_amount) // self.amount_step)
        object.__setattr__(self, "powers_of_two", tuple(2**power for power in reversed(range(steps.bit_length()))))

    def largest_amount_up_to(self, limit: float) -> float:
        """The largest amount offered in dollars that does not exceed `limit`; the minimum if all do."""
        limit = min(limit, self.maximum_amount)
        steps = (limit - self.minimum_amount) // self.amount_step + 1
        while steps > 0 and self.minimum_amount + steps * self.amount_step > limit:
            steps -= 1
        return self.minimum_amount + max(0, steps) * self.amount_step

    def grade_index(self, pd: Quantity) -> Quantity:
        """The index of the grade of a PD; 0 is the best."""
        return steps_reached(pd, self._limits)

    def instalments_per_dollar(self, months: int) -> tuple[float, ...]:
        """The monthly payment per dollar in each grade for a term."""
        return tuple(grade.instalment_per_dollar(months) for grade in self.grades)
