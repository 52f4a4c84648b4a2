"""Every error in a loan application, checked field by field against the product's definition."""

from collections.abc import Iterable
from math import isfinite
from typing import Any, NamedTuple

from domain.applications import bureau_fields, superseding
from domain.applications.application_identity import NAMES, ApplicationIdentity
from domain.applications.superseding import InvalidSuperseding, Superseding, read_superseding
from domain.decisions.circumstances import Circumstances
from domain.products.close_match import did_you_mean
from domain.products.fields import ChoiceField, Field, NumberField
from domain.products.product_definition import ProductDefinition
from domain.products.spelling import NOT_GIVEN, UnreadableText, choice_of, clean, is_missing, read_number
from entrypoints.api.decisions import bureau_errors, identity_errors
from entrypoints.api.decisions.bureau_errors import check_bureau_data
from entrypoints.api.decisions.identity_errors import check_identity
from entrypoints.api.decisions.shown_values import shown_value
from entrypoints.api.http.problems import FieldError, shown_text
from entrypoints.api.http.strict_json import Members, NonFinite

_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    Members: "an object",
}


_SUGGESTED = identity_errors.SUGGESTED | bureau_errors.SUGGESTED


class CheckedMembers(NamedTuple):
    """The values of the valid fields, None for an absent optional one, what else was given, and every error."""

    values: dict[str, object]
    identity: ApplicationIdentity
    circumstances: Circumstances
    supersedes: Superseding | None
    errors: list[FieldError]


def check_members(pairs: Iterable[tuple[str, object]], product: ProductDefinition) -> CheckedMembers:
    """What the members of a body say."""
    fields = {**product.field_by_name, **dict.fromkeys((*NAMES, *bureau_fields.NAMES, *superseding.NAMES))}
    given: dict[str, object] = {}
    unknown: list[FieldError] = []
    repeated: dict[str, FieldError] = {}
    for name, value in pairs:
        if name in given or name in repeated:
            repeated[name] = FieldError(shown_text(name), "is given more than once", "each field once")
        elif name not in fields:
            unknown.append(_unknown(name, fields, given=value))
        else:
            given[name] = value
    errors = [error for field in product.fields if (error := _check(field, given))]
    invalid = {error.field for error in errors}
    values = {
        field.name: _plain(field, given.get(field.name)) for field in product.fields if field.name not in invalid
    }
    errors += [error for field in product.fields if (error := _order_error(field, values))]
    identity, in_identity = check_identity(
        {name: given[name] for name in NAMES if name in given},
        supersedes=given.get(superseding.SUPERSEDES) is not None,
    )
    circumstances, in_bureau_data = check_bureau_data(given)
    supersedes, in_superseding = _check_superseding(given)
    errors += in_identity + in_bureau_data + in_superseding + list(repeated.values()) + unknown
    return CheckedMembers(values, identity, circumstances, supersedes, errors)


def _check_superseding(given: dict[str, object]) -> tuple[Superseding | None, list[FieldError]]:
    try:
        return read_superseding(*(given.get(name) for name in superseding.NAMES)), []
    except InvalidSuperseding as invalid:
        return None, [
            FieldError(fault.field, fault.problem, fault.allowed, shown_value(given.get(fault.field)))
            for fault in invalid.faults
        ]


def _unknown(name: str, known: Iterable[str], *, given: object) -> FieldError:
    hint = f"; did you mean {_SUGGESTED[name]}?" if name in _SUGGESTED else did_you_mean(name, known)
    problem = f"is not a field of a loan application{hint}"
    return FieldError(shown_text(name), problem, value=shown_value(given))


def _check(field: Field, given: dict[str, object]) -> FieldError | None:
    if field.name not in given:
        return None if field.optional else FieldError(field.name, "is missing", field.allowed)
    value = given[field.name]
    if value is None and field.optional:
        return None
    problem = _choice_problem(field, value) if isinstance(field, ChoiceField) else _number_problem(field, value)
    return FieldError(field.name, problem, field.allowed, shown_value(value)) if problem else None


def _choice_problem(field: ChoiceField, value: object) -> str | None:
    if not isinstance(value, str):
        return f"is {_kind(value)}, not text"
    choice = choice_of(value, field)
    if choice is None:
        hint = "; send null for a missing value" if field.optional and is_missing(value) else ""
        return "is not an allowed value" + (hint or did_you_mean(value, field.choices))
    if choice not in {clean(value), NOT_GIVEN} and is_missing(value):
        return f"may mean the choice {choice} or a missing value; send {choice} if that is meant"
    return None


def _number_problem(field: NumberField, value: object) -> str | None:
    if isinstance(value, str):
        return f"is text, not a number{_number_hint(field, value)}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"is {_kind(value)}, not a number"
    if value < field.minimum:
        return "is below the minimum"
    if value > field.maximum or not isfinite(value):
        return "is above the maximum"
    if field.whole and value != int(value):
        return "has a fraction"
    return None


def _number_hint(field: NumberField, text: str) -> str:
    """What to send instead of text that a person would read as a number."""
    try:
        number = read_number(text, field)
    except UnreadableText:
        return "; send a JSON number"
    if number is None:
        return "; send null for a missing value" if field.optional else ""
    return f"; send the JSON number {number:.10g}" if field.allows(number) else "; send a JSON number"


def _order_error(field: Field, values: dict[str, object]) -> FieldError | None:
    """The error of a number that is below the one it must reach."""
    if not isinstance(field, NumberField) or not field.not_below:
        return None
    low, high = values.get(field.not_below), values.get(field.name)
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low <= high:
        return None
    problem = f"is below {field.not_below}, which is {low}"
    return FieldError(field.name, problem, field.allowed_from(field.not_below, low), high)


def _plain(field: Field, value: Any) -> object:
    """The value as msgspec would decode it: 2.0 inquiries are 2, 50000 dollars are 50000.0."""
    if value is None:
        return None
    if isinstance(field, ChoiceField):
        return choice_of(value, field)
    return int(value) if field.whole else float(value)


def _kind(value: object) -> str:
    if isinstance(value, NonFinite):
        return value.word
    return _KINDS[type(value)]
