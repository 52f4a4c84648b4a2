"""Every error in a loan application, checked field by field against `domain.applications.fields`."""

from collections.abc import Iterable
from math import isfinite

from msgspec import UNSET, UnsetType

from domain.applications.fields import FIELD_BY_NAME, FIELD_NAMES, FIELDS, ChoiceField, Field, NumberField
from entrypoints.api.http.problems import FieldError, did_you_mean, shown_text
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


def check_members(pairs: Iterable[tuple[str, object]]) -> tuple[dict[str, object], list[FieldError]]:
    """The values of the valid fields, and every error."""
    given: dict[str, object] = {}
    unknown: list[FieldError] = []
    repeated: dict[str, FieldError] = {}
    for name, value in pairs:
        if name in given or name in repeated:
            repeated[name] = FieldError(shown_text(name), "is given more than once", "each field once")
        elif name not in FIELD_BY_NAME:
            unknown.append(_unknown(name, given=value))
        else:
            given[name] = value
    errors = [error for field in FIELDS if (error := _check(field, given))]
    invalid = {error.field for error in errors}
    values = {name: _plain(FIELD_BY_NAME[name], value) for name, value in given.items() if name not in invalid}
    errors += _fico_errors(values)
    return values, errors + list(repeated.values()) + unknown


def _unknown(name: str, *, given: object) -> FieldError:
    problem = "is not a field of a loan application" + did_you_mean(name, FIELD_NAMES)
    return FieldError(shown_text(name), problem, value=_shown(given))


def _check(field: Field, given: dict[str, object]) -> FieldError | None:
    optional = isinstance(field, NumberField) and field.optional
    if field.name not in given:
        return None if optional else FieldError(field.name, "is missing", field.allowed)
    value = given[field.name]
    if value is None and optional:
        return None
    problem = _problem(field, value)
    return FieldError(field.name, problem, field.allowed, _shown(value)) if problem else None


def _problem(field: Field, value: object) -> str | None:
    return _choice_problem(field, value) if isinstance(field, ChoiceField) else _number_problem(field, value)


def _choice_problem(field: ChoiceField, value: object) -> str | None:
    if not isinstance(value, str):
        return f"is {_kind(value)}, not text"
    if _word(field, value) in field.choices:
        return None
    return "is not an allowed value" + did_you_mean(value, field.choices)


def _number_problem(field: NumberField, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"is {_kind(value)}, not a number"
    if value < field.minimum:
        return "is below the minimum"
    if value > field.maximum or not isfinite(value):
        return "is above the maximum"
    if field.whole and value != int(value):
        return "has a fraction"
    return None


def _fico_errors(values: dict[str, object]) -> list[FieldError]:
    low, high = values.get("fico_range_low"), values.get("fico_range_high")
    if not isinstance(low, int) or not isinstance(high, int) or low <= high:
        return []
    high_field = FIELD_BY_NAME["fico_range_high"]
    limit = high_field.maximum if isinstance(high_field, NumberField) else high
    return [
        FieldError(
            "fico_range_high",
            f"is below fico_range_low, which is {low}",
            f"a whole number from fico_range_low, {low}, to {limit:,.0f}",
            high,
        )
    ]


def _plain(field: Field, value: object) -> object:
    """The value as the struct needs it: 2.0 inquiries are 2."""
    if isinstance(field, ChoiceField):
        return _word(field, str(value))
    if field.whole and isinstance(value, float):
        return int(value)
    return value


def _word(field: ChoiceField, value: str) -> str:
    # LendingClub's files write the term with a leading space.
    return value.lstrip(" ") if field.name == "term" else value


def _kind(value: object) -> str:
    if isinstance(value, NonFinite):
        return value.word
    return _KINDS[type(value)]


def _shown(value: object) -> str | int | float | bool | UnsetType | None:
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if isfinite(value) else UNSET
        case str():
            return shown_text(value)
        case NonFinite(word):
            return word
        case _:
            return UNSET
