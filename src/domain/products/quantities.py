"""What model and policy take from the fields of a product: characteristics, derived quantities and measures."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.products.fields import ChoiceField, Field, is_name
from domain.products.formula import AMOUNT, INSTALMENT, Formula, InvalidFormula


@dataclass(frozen=True, slots=True)
class DerivedQuantity:
    """A named formula that later formulas may use."""

    name: str
    formula: str


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A field that the model uses.

    `direction` is that of the PD as the value grows: 1 rising, -1 falling, 0 not fixed. `reason` is the code of
    the adverse action reason if it raises the risk. `reason_direction` says in which direction the reason holds if
    that of the PD is not fixed: with -1, the largest value is never a reason.
    """

    name: str
    direction: int
    reason: str
    reason_direction: int | None = None

    def faults(self, fields: Mapping[str, Field], reasons: Collection[str]) -> Iterator[str]:
        """What is wrong with it for a product with these fields and codes of reasons."""
        given = fields.get(self.name)
        if given is None:
            yield f"characteristic {self.name}: no field has this name"
        if self.direction not in (-1, 0, 1) or (self.direction and is_word(given)):
            yield f"characteristic {self.name}: the direction is -1, 0 or 1, and 0 for words"
        if self.reason_direction is not None and (
            self.reason_direction not in (-1, 1) or self.direction or is_word(given)
        ):
            yield (
                f"characteristic {self.name}: the direction of the reason is -1 or 1, for numbers without a "
                "direction of the PD"
            )
        if self.reason not in reasons:
            yield f"characteristic {self.name}: the reason {self.reason} has no text"


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that rules of the policy may limit.

    A `unit` that begins with "$" is money; "%" marks a fraction that is shown in percent; any other follows the
    number. `above` and `below` say what it means to exceed or to miss a `{limit}`, where "<label> above {limit}"
    does not.
    """

    name: str
    formula: str
    label: str
    unit: str = ""
    above: str = ""
    below: str = ""


def is_word(given: Field | None) -> bool:
    """Whether the field's value is a word for model and policy, not a number."""
    return isinstance(given, ChoiceField) and given.numbers is None


def formula_faults(
    derived: Sequence[DerivedQuantity], measures: Sequence[Measure], fields: Mapping[str, Field], amount: str
) -> Iterator[str]:
    """What is wrong with the formulas for a product with these fields, of which one is the loan amount."""
    known = {each.name for each in fields.values() if not is_word(each)} - {amount} | {AMOUNT, INSTALMENT}
    for quantity in derived:
        yield from _faults_of(f"derived quantity {quantity.name}", quantity.formula, known)
        if quantity.name in known or quantity.name in fields or not is_name(quantity.name):
            yield f"derived quantity {quantity.name}: the name must be a word that nothing else has"
        known.add(quantity.name)
    for measure in measures:
        yield from _faults_of(f"measure {measure.name}", measure.formula, known)


def _faults_of(what: str, text: str, known: set[str]) -> Iterator[str]:
    try:
        Formula(text).check_names(known)
    except InvalidFormula as fault:
        yield f"{what}: {fault}"
