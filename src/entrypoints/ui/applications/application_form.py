"""Parses the application form into a loan application; reports every invalid field."""

from collections.abc import Mapping

from domain.applications.loan_application import LoanApplication
from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.product_definition import ProductDefinition
from domain.products.spelling import UnreadableText, read_choice, read_number
from entrypoints.ui.shared.formats import capital, number

Entries = Mapping[str, str | None]
"""The text of each form field, as typed or selected."""

_DECIMALS = 6


class InvalidApplication(ValueError):
    """The form has invalid fields; `errors` holds the messages by field name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


def sample_of(product: ProductDefinition) -> dict[str, str]:
    """The product's example as a person would type it."""
    return {name: text for name, text in entries_of(product.example).items() if text is not None}


def entries_of(values: Mapping[str, object]) -> dict[str, str | None]:
    """Values by field name as a person would type or select them; None is not given."""
    return {
        name: number(value, _DECIMALS) if isinstance(value, int | float) else None if value is None else str(value)
        for name, value in values.items()
    }


def application_from(entries: Entries, product: ProductDefinition) -> LoanApplication:
    """The loan application in the form; raises InvalidApplication."""
    errors: dict[str, str] = {}
    values: dict[str, float | str | None] = {}
    for field in product.fields:
        text = entries.get(field.name) or ""
        try:
            values[field.name] = read_value(field, text)
            error = _error(field, values[field.name])
        except UnreadableText as unreadable:
            error = _message(field, unreadable)
        if error:
            errors[field.name] = error
    for field in product.fields:
        if isinstance(field, NumberField) and not errors.keys() & {field.name, field.not_below}:
            error = _order_error(field, values, product)
            if error:
                errors[field.name] = error
    if errors:
        raise InvalidApplication(errors)
    return product.application_from({field.name: _plain(field, values[field.name]) for field in product.fields})


def read_value(field: Field, text: str) -> float | str | None:
    """The value in the text of a form field, None if it is missing; raises UnreadableText."""
    if not text.strip():
        return None
    return read_number(text, field) if isinstance(field, NumberField) else read_choice(text, field)


def suggested_high_end(typed: str | None, low: NumberField, high: NumberField) -> str | None:
    """The usual high end of a range for its low end; None while that is incomplete."""
    try:
        value = read_number(typed or "", low)
    except UnreadableText:
        return None
    if value is None or high.usual_width is None or _error(low, value):
        return None
    return number(min(value + high.usual_width, high.maximum), _DECIMALS).replace(",", "")


def _message(field: Field, unreadable: UnreadableText) -> str:
    """The message for text without a meaning, or with several."""
    if unreadable.remedy:
        return f"{capital(unreadable.problem)}: {unreadable.remedy}"
    return "Select an option" if isinstance(field, ChoiceField) else f"Enter {field.allowed}"


def _error(field: Field, value: float | str | None) -> str | None:
    if value is None and field.optional:
        return None
    if isinstance(field, ChoiceField):
        return None if value is not None else "Select an option"
    if value is None:
        return "Required"
    in_range = isinstance(value, float) and field.minimum <= value <= field.maximum
    if not in_range or (field.whole and value != int(value or 0)):
        return f"Enter {field.allowed}"
    return None


def _order_error(
    field: NumberField, values: Mapping[str, float | str | None], product: ProductDefinition
) -> str | None:
    low, high = values.get(field.not_below), values[field.name]
    if not isinstance(low, float) or not isinstance(high, float) or low <= high:
        return None
    return field.if_below or f"Must be at least: {product.field_by_name[field.not_below].label}"


def _plain(field: Field, value: float | str | None) -> float | str | None:
    """The value as the API would get it: whole numbers are ints, and what was not selected is missing."""
    if isinstance(field, NumberField) and field.whole and value is not None:
        return int(value)
    return value
