"""What an applicant wrote in a request. It is stored apart from the audit trail, so that it can be erased."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from domain.applications.loan_application import FieldValue
from domain.canonical_json import canonical_json
from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.product_definition import ProductDefinition
from domain.products.spelling import UnreadableText, is_missing, read_choice, read_number

MAX_TEXT = 1000
_SHOWN_DIFFERENCE = 0.005001
BUREAU_GROUP = "Credit report"
"""The group of the fields that come from a credit bureau. An applicant disputes them in words."""


class InvalidRequest(ValueError):
    """What the applicant entered cannot be used; `faults` are messages by the name of the input."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class RequestContent:
    """The values that a correction states, by field, and the applicant's own words.

    `salt` is random, so that the digest on the audit trail does not let anyone guess erased values.
    """

    stated: Mapping[str, FieldValue] = field(hash=False)
    text: str
    salt: str

    def __post_init__(self) -> None:
        if fault := text_fault(self.text):
            raise InvalidRequest({"text": fault})

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, in hexadecimal."""
        return sha256(canonical_json(self).encode()).hexdigest()


def correctable_fields(product: ProductDefinition) -> tuple[Field, ...]:
    """The fields that an applicant can know and state: all but those of the credit report."""
    return tuple(each for each in product.fields if each.group != BUREAU_GROUP)


def read_stated(
    entered: Mapping[str, str], present: Mapping[str, FieldValue], product: ProductDefinition
) -> dict[str, FieldValue]:
    """The values that differ from the present ones, as the applicant entered them.

    An input that is absent or empty keeps its value. Raises InvalidRequest with every fault.
    """
    stated: dict[str, FieldValue] = {}
    faults: dict[str, str] = {}
    fields = correctable_fields(product)
    for name in entered.keys() - {each.name for each in fields}:
        faults[name] = "This cannot be corrected here. Describe in your own words what is wrong."
    for each in fields:
        text = entered.get(each.name, "")
        if is_missing(text) and not (isinstance(each, ChoiceField) and text in each.choices):
            continue
        try:
            value = read_value(text, each)
        except UnreadableText as fault:
            faults[each.name] = f"This {fault}."
            continue
        if not each.allows(value):
            faults[each.name] = f"Enter {each.allowed}."
        elif not same_value(value, present.get(each.name)):
            stated[each.name] = value
    if faults:
        raise InvalidRequest(faults)
    return stated


def read_value(text: str, given: Field) -> FieldValue:
    """The value in a text; raises UnreadableText."""
    if isinstance(given, NumberField):
        number = read_number(text, given)
        return int(number) if number is not None and given.whole and number == int(number) else number
    return read_choice(text, given)


def same_value(one: FieldValue, other: FieldValue) -> bool:
    """Whether two values are the same as a form shows them, with two decimals."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= _SHOWN_DIFFERENCE
    return one == other


def text_fault(text: str) -> str:
    """Why a text cannot be stored and shown; empty if it can. It may be empty and have several lines."""
    if len(text) > MAX_TEXT:
        return f"Use at most {MAX_TEXT:,} characters; this has {len(text):,}."
    if not all(character.isprintable() or character in "\n\r\t" for character in text):
        return "This has characters that cannot be shown. Remove them."
    return ""


def describe(names: Sequence[str], product: ProductDefinition | None) -> str:
    """The labels of fields as part of a sentence, in lower case."""
    labels = [
        product.field_by_name[name].label if product and name in product.field_by_name else name for name in names
    ]
    return ", ".join(label[:1].lower() + label[1:] for label in labels)
