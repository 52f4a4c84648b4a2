"""The values of a loan application with units, in display groups."""

from dataclasses import dataclass

from domain.applications.loan_application import LoanApplication
from domain.products.fields import NumberField
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.shared.field_values import field_label, value_text


@dataclass(frozen=True, slots=True)
class Item:
    """A label and its value."""

    label: str
    value: str


def value_texts(application: LoanApplication, product: ProductDefinition) -> dict[str, str]:
    """Each field's value with its unit, by field name."""
    return {
        name: value_text(product.field_by_name[name], value)
        for name, value in product.values_of(application).items()
    }


def grouped_values(
    application: LoanApplication, product: ProductDefinition
) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    """The fields in their groups, with each range on one line."""
    values = value_texts(application, product)
    numbers = [field for field in product.fields if isinstance(field, NumberField)]
    high_ends = {field.not_below: field.name for field in numbers if field.not_below}
    for low, high in high_ends.items():
        values[low] += f" to {values[high]}"
    return tuple(
        (
            title,
            tuple(
                Item(field_label(field), values[field.name])
                for field in fields
                if field.name not in high_ends.values()
            ),
        )
        for title, fields in product.groups.items()
    )
