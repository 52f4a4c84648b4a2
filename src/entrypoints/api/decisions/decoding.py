"""From request bodies to loan applications: fast for valid ones, thorough for others."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import asdict

from domain.applications.loan_application import LoanApplication
from domain.products.fields import ChoiceField, NumberField
from domain.products.product_definition import ProductDefinition
from entrypoints.api.decisions.application_errors import check_members
from entrypoints.api.decisions.loan_application_body import body_type
from entrypoints.api.http.problems import FieldError, invalid
from entrypoints.api.http.strict_json import Members, read_json

ReadApplication = Callable[[bytes], LoanApplication]
"""Returns the loan application in a body; raises RequestRejected with every error."""


class ApplicationDecoder:
    """Reads applications for one product."""

    def __init__(self, product: ProductDefinition) -> None:
        self._product = product
        self._decode = msgspec.json.Decoder(body_type(product)).decode
        self._application_from = product.application_from
        choices = [field for field in product.fields if isinstance(field, ChoiceField)]
        self._quotes = 2 * len(product.fields) + 2 * len(choices)
        self._optional = [
            (field.name, 2 * isinstance(field, ChoiceField)) for field in product.fields if field.optional
        ]
        self._ranges = [
            (field.not_below, field.name)
            for field in product.fields
            if isinstance(field, NumberField) and field.not_below
        ]

    def __call__(self, body: bytes) -> LoanApplication:
        """The loan application in a body; raises RequestRejected with every error."""
        try:
            values = asdict(self._decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self.read_thoroughly(body)  # to find every error and not only the first
        if self._has_no_duplicates(values, body) and self._ranges_are_in_order(values):
            return self._application_from(values)
        return self.read_thoroughly(body)

    def _has_no_duplicates(self, values: dict[str, object], body: bytes) -> bool:
        """Whether no field is in the body twice, as msgspec silently keeps the last; an absent field becomes None.

        Exact for a decoded body: no field name and no allowed value contains a quotation mark, so each one in the
        body opens or closes a string, and without duplicates their number is known.
        """
        quotes = self._quotes
        for name, quotes_of_value in self._optional:
            value = values[name]
            if value is UNSET:
                values[name] = None
                quotes -= 2 + quotes_of_value
            elif value is None:
                quotes -= quotes_of_value
        return body.count(b'"') == quotes

    def _ranges_are_in_order(self, values: dict[str, Any]) -> bool:
        for low, high in self._ranges:
            lowest, highest = values[low], values[high]
            if lowest is not None and highest is not None and highest < lowest:
                return False
        return True

    def read_thoroughly(self, body: bytes) -> LoanApplication:
        """The same, read field by field."""
        content = read_json(body)
        if not isinstance(content, Members):
            allowed = "one object with the fields of a loan application"
            raise _invalid([FieldError("", "the body is not a JSON object", allowed)])
        values, errors = check_members(content.pairs, self._product)
        if errors:
            raise _invalid(errors)
        return self._application_from(values)


def _invalid(errors: list[FieldError]) -> Exception:
    return invalid("invalid-application", "Invalid loan application", errors)
