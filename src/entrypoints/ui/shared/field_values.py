"""Labels and values of a product's fields as text with units."""

from domain.products.fields import ChoiceField, Field, NumberField
from entrypoints.ui.shared.formats import dollars, in_percent, number


def field_label(field: Field) -> str:
    """The label of a field; the low end of a range represents the whole range."""
    return (isinstance(field, NumberField) and field.range_label) or field.label


def choice_labels(field: ChoiceField) -> dict[str, str]:
    """The choices of a field with their labels."""
    return {choice: field.label_of(choice) for choice in field.choices}


def value_text(field: Field, value: float | str | None) -> str:
    """A value as posted, with its unit: $50,000, 15.5 %, 700, Mortgage."""
    if value is None:
        return field.if_missing
    if isinstance(field, ChoiceField):
        return field.label_of(str(value))
    if field.is_money:
        return dollars(float(value))
    if field.unit == "%":
        return in_percent(float(value))
    return f"{number(float(value))} {field.unit}" if field.shows_unit else number(float(value))


def quantity_text(field: Field, quantity: float) -> str:
    """The value of a field that has a number for model and policy: a term of 36 is 36 months."""
    return value_text(field, field.choice_of(quantity) if isinstance(field, ChoiceField) else quantity)
