"""The definition of a product: everything that is particular to one kind of loan, as data.

API, web interface, file reader, model inputs, policy measures, reasons and counterfactuals derive from it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from json import loads
from typing import Any

from domain.applications.loan_application import FieldValue, LoanApplication, ProductVersion
from domain.canonical_json import canonical_json
from domain.printable import TITLE, is_title
from domain.products.application_mapper import ApplicationMapper
from domain.products.fields import ChoiceField, Field, JointApplications, NumberField, column_faults
from domain.products.formula import AMOUNT, INSTALMENT, Formula, Measures, compile_measures
from domain.products.levers import Lever, LeverKind
from domain.products.plausibility import PlausibilityCheck
from domain.products.quantities import Characteristic, DerivedQuantity, Measure, formula_faults, is_word
from domain.products.terms_faults import terms_faults

_CODE = re.compile("[A-Z][A-Z0-9_]*")
_MOST_CHARACTERISTICS = 62
"""Each has a bit where files are decided by column."""
KIND, SCHEMA = "product", 1
"""The kind of the document, and the version of its layout."""


class InvalidProductDefinition(ValueError):
    """The definition contradicts itself; `faults` lists everything that is wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("invalid product definition: " + "; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class ProductDefinition:
    """One version of a product.

    `amount`, `term` and `purpose` name the fields that are the loan itself; there may be no purpose. `reasons` are
    the texts of adverse action reasons by code. `example` is a valid application. `plausibility` are questions to
    a person who enters values that are possible but unusual. `fingerprint` is the SHA-256 of the document, in
    hexadecimal.
    """

    name: str
    version: str
    label: str
    fields: tuple[Field, ...]
    amount: str
    term: str
    purpose: str | None
    derived: tuple[DerivedQuantity, ...]
    characteristics: tuple[Characteristic, ...]
    measures: tuple[Measure, ...]
    reasons: Mapping[str, str] = field(hash=False)
    levers: tuple[Lever, ...]
    example: Mapping[str, object] = field(hash=False)
    joint: JointApplications | None = None
    plausibility: tuple[PlausibilityCheck, ...] = ()
    fingerprint: str = field(init=False, repr=False, compare=False)
    field_by_name: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    characteristic_names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    categorical_names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    inputs: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """The numbers and words that model and policy use: the characteristics, then what only formulas or the loan's
    terms need."""
    product_version: ProductVersion = field(init=False, repr=False, compare=False)
    months: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """The terms of the loan."""
    amount_place: int = field(init=False, repr=False, compare=False)
    term_place: int = field(init=False, repr=False, compare=False)
    application_from: Callable[[Mapping[str, Any]], LoanApplication] = field(init=False, repr=False, compare=False)
    """The loan application with these values by field, which are valid."""
    values_of: Callable[[LoanApplication], dict[str, FieldValue]] = field(init=False, repr=False, compare=False)
    """The values of an application by field, as posted."""
    characteristics_of: Callable[[LoanApplication], tuple[Any, ...]] = field(init=False, repr=False, compare=False)
    """The inputs of model and policy for an application, in the order of `inputs`."""
    compute_measures: Measures = field(init=False, repr=False, compare=False)
    """Every measure in order, from inputs, an amount in dollars and a monthly instalment."""
    _dependent: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise InvalidProductDefinition(faults)
        names = tuple(characteristic.name for characteristic in self.characteristics)
        derived = {quantity.name: Formula(quantity.formula) for quantity in self.derived}
        formulas = [Formula(measure.formula) for measure in self.measures]
        used = {name for formula in (*derived.values(), *formulas) for name in formula.names} | {self.term}
        others = tuple(each.name for each in self.fields if each.name in used and each.name not in names)
        dependent = {AMOUNT, INSTALMENT}
        for name, formula in derived.items():
            dependent |= {name} if formula.names & dependent else set()
        by_name = {each.name: each for each in self.fields}
        inputs = names + others
        places = {name: place for place, name in enumerate(inputs) if name != self.amount}
        version, term = ProductVersion(self.name, self.version), by_name[self.term]
        assert isinstance(term, ChoiceField)  # noqa: S101 - checked above, which mypy cannot know
        mapper = ApplicationMapper(
            version, self.fields, inputs, amount=self.amount, term=term, purpose=self.purpose
        )
        made = {
            "product_version": version,
            "months": tuple(int(number) for number in term.number_by_choice.values()),
            "amount_place": inputs.index(self.amount),
            "term_place": inputs.index(self.term),
            "application_from": mapper.application_from,
            "values_of": mapper.values_of,
            "characteristics_of": mapper.characteristics_of,
            "fingerprint": sha256(self.document.encode()).hexdigest(),
            "field_by_name": by_name,
            "characteristic_names": names,
            "categorical_names": tuple(name for name in names if is_word(by_name[name])),
            "inputs": inputs,
            "compute_measures": compile_measures(formulas, derived, places),
            "_dependent": frozenset(
                measure.name
                for measure, formula in zip(self.measures, formulas, strict=True)
                if formula.names & dependent
            ),
        }
        for name, value in made.items():  # computed once; the value is frozen
            object.__setattr__(self, name, value)

    @property
    def document(self) -> str:
        """The whole definition as canonical JSON, in which form it is archived."""
        content = loads(canonical_json(self))
        if not self.plausibility:  # definitions that were archived before it existed do not have it
            del content["plausibility"]
        return canonical_json({"kind": KIND, "schema": SCHEMA} | content)

    def changed_inputs(self, characteristics: tuple[Any, ...], changed: Mapping[str, float]) -> tuple[Any, ...]:
        """The inputs of an applicant with some of them changed, by name."""
        inputs = list(characteristics)
        for name, value in changed.items():
            inputs[self.inputs.index(name)] = value
        return tuple(inputs)

    def measure_value(
        self, measure: str, characteristics: tuple[Any, ...], amount: float, instalment: float
    ) -> float:
        """One measure of an applicant, for an amount in dollars and a monthly instalment."""
        place = [each.name for each in self.measures].index(measure)
        return float(self.compute_measures(characteristics, amount, instalment)[place])

    def depends_on_amount(self, measure: str) -> bool:
        """Whether a measure differs between loan amounts."""
        return measure in self._dependent

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def may_be_missing(self, name: str) -> bool:
        """Whether a field can be without a value or number."""
        given = self.field_by_name[name]
        return given.optional or (isinstance(given, ChoiceField) and None in (given.numbers or ()))

    @property
    def directions(self) -> dict[str, int]:
        """The direction of the PD for each characteristic that has one."""
        return {each.name: each.direction for each in self.characteristics if each.direction}

    @property
    def categories(self) -> dict[str, tuple[str, ...]]:
        """The words of each categorical characteristic, in the order of their codes."""
        fields = (self.field_by_name[name] for name in self.categorical_names)
        return {each.name: each.choices for each in fields if isinstance(each, ChoiceField)}

    @property
    def purposes(self) -> tuple[str, ...]:
        """All purposes of the loan."""
        purpose = None if self.purpose is None else self.field_by_name[self.purpose]
        return purpose.choices if isinstance(purpose, ChoiceField) else ()

    @property
    def groups(self) -> dict[str, tuple[Field, ...]]:
        """The fields by group, in order."""
        titles = dict.fromkeys(each.group for each in self.fields)
        return {title: tuple(each for each in self.fields if each.group == title) for title in titles}

    def _faults(self) -> Iterator[str]:
        if not (is_title(self.name) and is_title(self.version) and is_title(self.label)):
            yield f"a product needs a name, a version and a label, each of {TITLE}"
        for field_of_it in self.fields:
            yield from field_of_it.faults()
        if len(self.characteristics) > _MOST_CHARACTERISTICS:
            yield f"there are {len(self.characteristics)} characteristics; {_MOST_CHARACTERISTICS} are the most"
        yield from _repeated("field", [each.name for each in self.fields])
        yield from _repeated("characteristic", [each.name for each in self.characteristics])
        yield from _repeated("measure", [each.name for each in self.measures])
        yield from _repeated("lever", [each.field for each in self.levers])
        yield from column_faults(self.fields, self.joint)
        by_name = {each.name: each for each in self.fields}
        yield from terms_faults(by_name, self.amount, self.term, self.purpose)
        if self.amount not in {each.name for each in self.characteristics if each.direction == 1}:
            yield f"the amount {self.amount} must be a characteristic with direction 1"
        for one in self.characteristics:
            yield from one.faults(by_name, self.reasons)
        yield from formula_faults(self.derived, self.measures, by_name, self.amount)
        for check in self.plausibility:
            yield from check.faults(by_name, self.amount)
        for lever in self.levers:
            yield from lever.faults(by_name)
            if lever.field not in {each.name for each in self.characteristics}:
                yield f"lever {lever.field}: it is not a characteristic"
            if (lever.field == self.amount) != (lever.kind is LeverKind.SMALLER_AMOUNT):
                yield f"lever {lever.field}: {LeverKind.SMALLER_AMOUNT.value!r} is for the amount only"
        yield from (
            f"reason {code!r}: a code is capital letters, digits and _, and begins with a letter"
            for code in self.reasons
            if not _CODE.fullmatch(code)
        )
        yield from (f"the reason {code} needs a text" for code, text in self.reasons.items() if not text.strip())
        if self.joint is None and any(isinstance(each, NumberField) and each.joint_column for each in self.fields):
            yield "fields have a joint column, but the product does not say how files mark joint applications"
        needed = {each.name for each in self.fields if not each.optional}
        if not needed <= set(self.example) <= set(by_name):
            yield "the example must have every field that is not optional, and no other"
        yield from (
            f"the example's {name} must be {by_name[name].allowed}"
            for name, value in self.example.items()
            if name in by_name and not by_name[name].allows(value)
        )


def _repeated(what: str, names: Sequence[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{what} {name} is defined {count} times"
