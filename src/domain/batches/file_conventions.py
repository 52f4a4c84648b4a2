"""Conventions of a file that differ from the product's definition, as the sender states them.

A column that looks as if it had another unit is never converted unasked: the file is refused until the sender says
how it is to be read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from domain.products.fields import Field, NumberField
from domain.products.spelling import DecimalMark

_MOST_TEXT = 500


class PercentAs(Enum):
    """How a file writes percentages: 15.5, 0.155 or 1550 for 15.5 %."""

    PERCENT = "percent"
    FRACTION = "fraction"
    BASIS_POINTS = "basis-points"


class IncomeAs(Enum):
    """How a file writes incomes: in dollars per year, thousands or cents per year, or dollars per month."""

    YEARLY = "yearly"
    THOUSANDS = "thousands"
    MONTHLY = "monthly"
    CENTS = "cents"


_FACTORS: Mapping[PercentAs | IncomeAs, float] = {
    PercentAs.PERCENT: 1,
    PercentAs.FRACTION: 100,
    PercentAs.BASIS_POINTS: 0.01,
    IncomeAs.YEARLY: 1,
    IncomeAs.THOUSANDS: 1000,
    IncomeAs.MONTHLY: 12,
    IncomeAs.CENTS: 0.01,
}
"""What a number is multiplied with."""
Convention = PercentAs | IncomeAs


class InvalidConventions(ValueError):
    """The statements cannot be read; `faults` holds what is wrong by the name of the option."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {fault}" for name, fault in faults.items()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Stated:
    """A convention, and the fields it holds for; without any, for all fields with such a unit."""

    convention: Convention
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ":".join([self.convention.value, *([",".join(self.fields)] if self.fields else [])])


@dataclass(frozen=True, slots=True)
class FileConventions:
    """What the sender states about a file; None where nothing is stated."""

    percent_as: Stated | None = None
    income_as: Stated | None = None
    decimal: DecimalMark | None = None

    def stated_for(self, field: Field) -> Convention | None:
        """The convention that is stated for a field."""
        kind = kind_of(field)
        stated = None if kind is None else self.percent_as if kind is PercentAs else self.income_as
        return stated.convention if stated and (not stated.fields or field.name in stated.fields) else None

    def factor(self, field: Field) -> float:
        """What a number of the field is multiplied with."""
        stated = self.stated_for(field)
        return 1 if stated is None else _FACTORS[stated]

    @property
    def mark(self) -> DecimalMark:
        """The decimal mark of the file's numbers."""
        return self.decimal or DecimalMark.POINT

    @property
    def texts(self) -> dict[str, str]:
        """The statements as texts by the name of their option."""
        stated = {"percent_as": self.percent_as, "income_as": self.income_as}
        texts = {name: str(value) for name, value in stated.items() if value is not None}
        return texts | ({"decimal": self.decimal.value} if self.decimal else {})

    def unknown_fields(self, fields: Sequence[Field]) -> Iterator[str]:
        """What is wrong with the fields that are named, for a product with these fields."""
        for name, stated in (("percent_as", self.percent_as), ("income_as", self.income_as)):
            if stated is not None:
                known = [field.name for field in fields if kind_of(field) is type(stated.convention)]
                wrong = [field for field in stated.fields if field not in known]
                if wrong:
                    have = f"such columns are {', '.join(known)}" if known else "this product has no such column"
                    yield f"{name} names {', '.join(wrong)}; {have}"


AS_DEFINED = FileConventions()
"""A file about which nothing is stated."""


def kind_of(field: Field) -> type[PercentAs | IncomeAs] | None:
    """The kind of convention that a field's unit permits: percentages, and incomes per year."""
    if not isinstance(field, NumberField):
        return None
    return PercentAs if field.unit == "%" else IncomeAs if field.unit == "$ per year" else None


def conventions_from(texts: Mapping[str, str | None]) -> FileConventions:
    """The conventions in texts by option, such as `fraction` for `percent_as`, or `fraction:FIELD` for one field.

    Raises InvalidConventions, which names every fault.
    """
    faults: dict[str, str] = {}
    percent_as = _stated("percent_as", PercentAs, texts, faults)
    income_as = _stated("income_as", IncomeAs, texts, faults)
    decimal = None
    if texts.get("decimal"):
        decimal = next((mark for mark in DecimalMark if mark.value == texts["decimal"]), None)
        if decimal is None:
            faults["decimal"] = f"must be one of {', '.join(mark.value for mark in DecimalMark)}"
    if faults:
        raise InvalidConventions(faults)
    return FileConventions(percent_as, income_as, decimal)


def _stated(
    name: str, kind: type[PercentAs | IncomeAs], texts: Mapping[str, str | None], faults: dict[str, str]
) -> Stated | None:
    text = texts.get(name) or ""
    word, _, fields = text.partition(":")
    names = tuple(each.strip() for each in fields.split(",") if each.strip())
    convention = next((each for each in kind if each.value == word.strip()), None)
    if text and (convention is None or len(text) > _MOST_TEXT or (":" in text and not names)):
        words = ", ".join(each.value for each in kind)
        faults[name] = f"must be one of {words}, for single columns followed by a colon and their names"
    return None if convention is None else Stated(convention, names)
