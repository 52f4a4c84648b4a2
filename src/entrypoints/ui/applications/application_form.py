"""Parses the application form into a loan application; reports every invalid field."""

import re
from collections.abc import Mapping
from math import isfinite

from domain.applications.loan_application import LoanApplication
from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.shared.formats import number

Entries = Mapping[str, str | None]
"""The text of each form field, as typed or selected."""

_DECIMALS = 6
_NUMBER = re.compile(r"\$?(?P<digits>-?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+))%?", re.ASCII)


class InvalidApplication(ValueError):
    """The form has invalid fields; `errors` holds the messages by field name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


def sample_of(product: ProductDefinition) -> dict[str, str]:
    """The product's example as a person would type it."""
    return {
        name: number(value, _DECIMALS) if isinstance(value, int | float) else str(value)
        for name, value in product.example.items()
        if value is not None
    }


def application_from(entries: Entries, product: ProductDefinition) -> LoanApplication:
    """The loan application in the form; raises InvalidApplication."""
    errors: dict[str, str] = {}
    values: dict[str, float | str | None] = {}
    for field in product.fields:
        text = _without_spaces(entries.get(field.name))
        values[field.name] = parse_number(text) if isinstance(field, NumberField) else entries.get(field.name)
        error = _error(field, text, values[field.name])
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


def parse_number(text: str) -> float | None:
    """The number in the text, which may have thousands separators, a $ and a %; None if it is not a number."""
    match = _NUMBER.fullmatch(text)
    value = float(match["digits"].replace(",", "")) if match else None
    return value if value is not None and isfinite(value) else None


def suggested_high_end(typed: str | None, low: NumberField, high: NumberField) -> str | None:
    """The usual high end of a range for its low end; None while that is incomplete."""
    value = parse_number(_without_spaces(typed))
    if value is None or high.usual_width is None or _error(low, str(typed), value):
        return None
    return number(min(value + high.usual_width, high.maximum), _DECIMALS).replace(",", "")


def _without_spaces(text: str | None) -> str:
    return "".join((text or "").split())


def _error(field: Field, text: str, value: float | str | None) -> str | None:
    if not text and field.optional:
        return None
    if isinstance(field, ChoiceField):
        return None if value in field.choices else "Select an option"
    if not text:
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
    return value or None if isinstance(field, ChoiceField) else value
