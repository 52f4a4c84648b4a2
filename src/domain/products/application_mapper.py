"""The mapper between the values of a product's fields, the loan application, and the inputs of the model."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.applications.loan_application import FieldValue, LoanApplication, ProductVersion
from domain.applications.loan_terms import LoanTerms
from domain.applications.money import Money
from domain.products.fields import ChoiceField, Field, NumberField

_MISSING = float("nan")


class ApplicationMapper:
    """Converts in both directions. Built once for a product; `inputs` are the names that model and policy use."""

    def __init__(
        self,
        version: ProductVersion,
        fields: Sequence[Field],
        inputs: Sequence[str],
        *,
        amount: str,
        term: ChoiceField,
        purpose: str | None,
    ) -> None:
        self._version = version
        self._amount, self._term, self._purpose = amount, term.name, purpose
        self._months = {choice: int(number) for choice, number in term.number_by_choice.items()}
        self._choice_of_months = {months: choice for choice, months in self._months.items()}
        others = [field for field in fields if field.name not in (amount, term.name, purpose)]
        self._names = tuple(field.name for field in others)
        self._conversions = tuple((field.name, made) for field in others if (made := _conversion(field)))
        self._order = tuple(field.name for field in fields)
        readers = {field.name: _reader(field) for field in others}
        self._readers = tuple((name, readers[name]) for name in inputs if name in readers)
        self._terms_at = tuple(
            (place, name) for place, name in enumerate(inputs) if name in (amount, term.name, purpose)
        )

    def application_from(self, values: Mapping[str, Any]) -> LoanApplication:
        """The loan application with these values by field, which are valid; None or absent is not given."""
        applicant = {name: values.get(name) for name in self._names}
        for name, convert in self._conversions:
            given = applicant[name]
            if given is not None:
                applicant[name] = convert(given)
        purpose = None if self._purpose is None else values.get(self._purpose)
        terms = LoanTerms(Money.of(values[self._amount]), self._months[values[self._term]], purpose)
        return LoanApplication(self._version, terms, applicant)

    def values_of(self, application: LoanApplication) -> dict[str, FieldValue]:
        """The values by field as posted: words, dollars, and None for what was not given."""
        terms = application.terms
        values: dict[str, FieldValue] = dict(application.applicant)
        values[self._amount], values[self._term] = terms.amount.dollars, self._choice_of_months[terms.term]
        if self._purpose is not None:
            values[self._purpose] = terms.purpose
        return {name: values[name] for name in self._order}

    def characteristics_of(self, application: LoanApplication) -> tuple[float | str, ...]:
        """The inputs of model and policy in their order."""
        applicant, terms = application.applicant, application.terms
        inputs = [read(applicant[name]) for name, read in self._readers]
        for place, name in self._terms_at:
            if name == self._amount:
                inputs.insert(place, terms.amount.dollars)
            else:
                inputs.insert(place, float(terms.term) if name == self._term else terms.purpose or "")
        return tuple(inputs)


def _conversion(field: Field) -> Callable[[Any], FieldValue] | None:
    """What a given value needs before it is stored; None for nothing."""
    if isinstance(field, ChoiceField):
        return None
    if field.is_money:
        return _to_cents
    return int if field.whole else float


def _to_cents(dollars: float) -> float:
    return Money.of(dollars).dollars


def _reader(field: Field) -> Callable[[Any], float | str]:
    """The value as model and policy use it."""
    if isinstance(field, ChoiceField):
        if field.numbers is not None:
            numbers: dict[Any, float] = {**field.number_by_choice, None: _MISSING}
            return numbers.__getitem__
        return _word if field.optional else str
    return _number if isinstance(field, NumberField) and field.optional else float


def _number(given: float | None) -> float:
    return _MISSING if given is None else float(given)


def _word(given: str | None) -> str:
    return "" if given is None else given
