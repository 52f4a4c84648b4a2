"""Query parameters, read by Litestar; one problem names every parameter that is wrong."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.params import QueryParameter
from litestar.typing import FieldDefinition

from domain.products.close_match import did_you_mean
from entrypoints.api.http.problems import FieldError, RequestRejected, invalid, shown_text

LONGEST_TEXT = 200
_MOST_PARAMETERS = 100
_WHOLE_NUMBER = re.compile(r"-?[0-9]+")
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"


class Moment:
    """A date or time in ISO 8601; `utc` is the same in UTC, which is assumed where no time zone is given."""

    __slots__ = ("utc",)

    def __init__(self, text: str) -> None:
        try:
            # A plus sign in a query string means a space: read "2024-01-01T00:00:00 01:00" as it was meant.
            moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
            self.utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except OverflowError:
            raise ValueError(text) from None


TYPE_DECODERS: Sequence[tuple[Callable[[Any], bool], Callable[[Any, Any], Any]]] = (
    (lambda kind: kind is Moment, lambda _, value: Moment(value)),
)
"""Litestar's decoders for the types of this module."""


class Range(NamedTuple):
    """Two parameters, of which the second must not be less; the words say so in an error."""

    lower: str
    upper: str
    less: str
    more: str


def text(description: str) -> QueryParameter:
    """A parameter of 1 to 200 printable characters."""
    return QueryParameter(
        description=f"{description}, 1 to {LONGEST_TEXT} printable characters",
        min_length=1,
        max_length=LONGEST_TEXT,
        pattern=_PRINTABLE,
    )


def moment(description: str, *, name: str | None = None) -> QueryParameter:
    """A parameter of type `Moment`."""
    return QueryParameter(
        name=name,
        description=f"an ISO 8601 date or time, in UTC unless it has a time zone; {description}",
        schema_extra={"type": "string", "format": "date-time"},
    )


def in_utc(moment: Moment | None) -> datetime | None:
    """The time of the moment, if there is one."""
    return None if moment is None else moment.utc


def query_pairs(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    """The names and values of the query string, in their order."""
    return parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)


def check_query(request: Request[Any, Any, Any], *errors: FieldError) -> None:
    """Reject unknown and repeated parameters and reversed ranges, with these errors, in one problem.

    The ranges of a route are in its handler's option `ranges`.
    """
    found = [*_query_errors(request, unreadable=()), *errors]
    if found:
        raise invalid_query(found)


def unreadable_query(request: Request[Any, Any, Any], unreadable: Collection[str]) -> RequestRejected:
    """The problem for a query with parameters that Litestar could not read, by their names in the handler.

    If nothing else is wrong, required parameters are missing.
    """
    errors = _query_errors(request, unreadable)
    if not errors:
        given = {name for name, _ in query_pairs(request)}
        errors = [
            FieldError(name, "is missing", _allowed(field))
            for name, field in _parameters(request).items()
            if field.is_required and name not in given
        ]
    return invalid_query(errors)


def invalid_query(errors: Sequence[FieldError]) -> RequestRejected:
    """The problem for a query string with these errors."""
    return invalid("invalid-query", "Invalid query", errors, status=400)


def _query_errors(request: Request[Any, Any, Any], unreadable: Collection[str]) -> list[FieldError]:
    parameters = _parameters(request)
    pairs = query_pairs(request)
    if len(pairs) > _MOST_PARAMETERS:
        return [FieldError("", "there are too many parameters", f"at most {_MOST_PARAMETERS}")]
    errors: list[FieldError] = []
    readable: dict[str, str] = {}
    given = Counter(name for name, _ in pairs)
    for name, value in dict(pairs).items():
        if name not in parameters:
            hint = did_you_mean(name, parameters)
            errors.append(FieldError(shown_text(name), f"is not a parameter{hint}"))
        elif given[name] > 1:
            errors.append(FieldError(name, "is given more than once", "each parameter once"))
        elif parameters[name].name in unreadable or _is_misread(parameters[name], value):
            errors.append(FieldError(name, "cannot be read", _allowed(parameters[name]), shown_text(value)))
        else:
            readable[name] = value
    return [*errors, *_reversed_ranges(request.route_handler.opt.get("ranges", ()), parameters, readable)]


def _is_misread(field: FieldDefinition, value: str) -> bool:
    """Whether Litestar reads a value that is not acceptable: "null" as no value, or 1e2 as a whole number."""
    kinds = {field.annotation, *(inner.annotation for inner in field.inner_types)}
    if int in kinds:
        return _WHOLE_NUMBER.fullmatch(value) is None
    return value.lower() == "null" and str not in kinds


def _reversed_ranges(
    ranges: Sequence[Range], parameters: Mapping[str, FieldDefinition], readable: Mapping[str, str]
) -> Iterator[FieldError]:
    for lower, upper, less, more in ranges:
        if not {lower, upper} <= readable.keys():
            continue
        of_time = parameters[lower].has_inner_subclass_of(Moment)
        low, high = (Moment(readable[name]).utc if of_time else float(readable[name]) for name in (lower, upper))
        if high < low:  # type: ignore[operator] # both are of one type
            low, high = msgspec.to_builtins((low, high))
            yield FieldError(upper, f"is {less} {lower}, which is {low}", f"{lower} or {more}", high)


def _parameters(request: Request[Any, Any, Any]) -> dict[str, FieldDefinition]:
    """The query parameters of the route by their names in the query string."""
    fields = request.route_handler.parsed_fn_signature.parameters.values()
    return {
        field.kwarg_definition.name or field.name: field
        for field in fields
        if isinstance(field.kwarg_definition, QueryParameter)
    }


def _allowed(field: FieldDefinition) -> str:
    definition = field.kwarg_definition
    return (definition.description or "") if isinstance(definition, QueryParameter) else ""
