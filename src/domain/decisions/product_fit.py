"""Whether a record can be one of a product: a damaged document may be valid JSON with other values."""

from collections.abc import Iterator
from math import isfinite

from domain.decisions.decision_record import DecisionRecord
from domain.products.fields import ChoiceField, Field
from domain.products.product_definition import ProductDefinition

_LARGEST_AMOUNT = 1e15
"""Dollars, above any amount that a product allows."""


def misfit(record: DecisionRecord, product: ProductDefinition) -> str:
    """Why the record cannot be one of this product, in words; empty if it can."""
    return next(_misfits(record, product), "")


def _misfits(record: DecisionRecord, product: ProductDefinition) -> Iterator[str]:
    applicant, terms = record.application.applicant, record.application.terms
    loan = {product.amount, product.term, product.purpose}
    fields = {name: field for name, field in product.field_by_name.items() if name not in loan}
    if applicant.keys() != fields.keys():
        names = ", ".join(sorted(applicant.keys() ^ fields.keys()))
        yield f"its application does not have the fields of {product.product_version}: {names[:100]}"
        return
    for name, field in fields.items():
        if not _can_have(field, applicant[name]):
            yield f"its application has a value in {name} that {product.product_version} does not allow"
    if terms.term not in product.months:
        yield f"its term is none of {product.product_version}"
    purpose = None if product.purpose is None else product.field_by_name[product.purpose]
    if terms.purpose is not None if purpose is None else not _can_have(purpose, terms.purpose):
        yield f"its loan purpose is none of {product.product_version}"
    prediction = record.prediction
    if len(prediction.contributions) != len(product.characteristics):
        yield f"its contributions are not those of the characteristics of {product.product_version}"
    if not set(prediction.out_of_domain) <= set(product.characteristic_names):
        yield f"it marks values as unusual that are not characteristics of {product.product_version}"


def _can_have(field: Field, value: object) -> bool:
    """Whether the value is of the field's kind. Limits are not checked: an earlier release may have had others."""
    if value is None:
        return field.optional
    if isinstance(field, ChoiceField):
        return value in field.choices
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        return False
    return not field.is_money or 0 <= value < _LARGEST_AMOUNT
