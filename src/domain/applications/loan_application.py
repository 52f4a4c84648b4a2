"""The loan application."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from domain.applications.loan_terms import LoanTerms
from domain.applications.money import Money
from domain.value import value

FieldValue: TypeAlias = float | int | str | None
"""A number, a word, or None for what was not given. Money is dollars rounded to cents."""


@dataclass(frozen=True, slots=True)
class ProductVersion:
    """A kind of loan and the version of its definition."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@value
class LoanApplication:
    """An application for one loan, made by `ProductDefinition.application_from`.

    `applicant` has the values of the product's other fields by name, in their order.
    """

    product: ProductVersion
    terms: LoanTerms
    applicant: Mapping[str, FieldValue] = field(hash=False)

    def with_amount(self, amount: Money) -> "LoanApplication":
        """The same application for another amount."""
        return replace(self, terms=replace(self.terms, amount=amount))
