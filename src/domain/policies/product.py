"""The loan product: what can be lent, at what rate, and what it costs a month."""

from dataclasses import dataclass, field

from domain.applications.loan_terms import Term
from domain.arithmetic import Quantity, choose, compound, steps_reached


@dataclass(frozen=True, slots=True)
class Grade:
    """A band of PD up to `pd_below`, and the annual rate (0.12 is 12 %) charged in it."""

    name: str
    pd_below: float
    annual_rate: float

    def instalment_per_dollar(self, term: Term) -> float:
        """The monthly payment on one dollar, as an annuity at the grade's rate."""
        monthly = self.annual_rate / 12
        growth = compound(monthly, term)
        return monthly * growth / (growth - 1.0)


class InvalidGrades(ValueError):
    """Grades must be listed from the lowest PD to the highest, and rates must not fall with risk."""


class InvalidProduct(ValueError):
    """Nothing can be lent at no rate, in no amounts or by no steps."""


@dataclass(frozen=True, slots=True)
class Product:
    """Amounts in dollars from `minimum_amount` to `maximum_amount` in steps of `amount_step`.

    `jumps` are the powers of two, falling to 1, whose sums reach every step: how a search for an amount moves.
    """

    minimum_amount: float
    maximum_amount: float
    amount_step: float
    grades: tuple[Grade, ...]
    jumps: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _per_dollar: dict[float, tuple[float, ...]] = field(init=False, repr=False, compare=False)
    _limits: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        limits = [grade.pd_below for grade in self.grades]
        rates = [grade.annual_rate for grade in self.grades]
        if limits != sorted(set(limits)) or rates != sorted(rates) or not limits or limits[-1] < 1.0:
            raise InvalidGrades("grades run from low PD to high, end at 1, and rates never fall with risk")
        if rates[0] <= 0.0 or self.amount_step <= 0.0 or self.minimum_amount <= 0.0:
            raise InvalidProduct("rates, amounts and their step must be above 0")
        factors = {float(term): tuple(grade.instalment_per_dollar(term) for grade in self.grades) for term in Term}
        object.__setattr__(self, "_per_dollar", factors)  # computed once: a frozen value has no other way
        object.__setattr__(self, "_limits", tuple(grade.pd_below for grade in self.grades[:-1]))
        steps = int((self.maximum_amount - self.minimum_amount) // self.amount_step)
        object.__setattr__(self, "jumps", tuple(2**power for power in reversed(range(steps.bit_length()))))

    def most_up_to(self, limit: float) -> float:
        """The largest amount in dollars that is lent and lies within a limit; the least there is, if none does."""
        limit = min(limit, self.maximum_amount)
        steps = (limit - self.minimum_amount) // self.amount_step + 1
        while steps > 0 and self.minimum_amount + steps * self.amount_step > limit:
            steps -= 1
        return self.minimum_amount + max(0, steps) * self.amount_step

    def grade_index(self, pd: Quantity) -> Quantity:
        """Which grade a PD falls in, 0 the best."""
        return steps_reached(pd, self._limits)

    def instalment(self, amount: Quantity, term: Quantity, grade_index: Quantity) -> Quantity:
        """The monthly payment in dollars, not rounded, on an amount over a term in months."""
        if type(term) is float:
            return amount * choose(grade_index, self._per_dollar[term])
        per_dollar = 0.0
        for length, factors in self._per_dollar.items():
            per_dollar = per_dollar + (term == length) * choose(grade_index, factors)
        return amount * per_dollar
