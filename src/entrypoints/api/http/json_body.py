"""Small JSON bodies, of which every error is named."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar, get_type_hints

import msgspec
import msgspec.inspect

from domain.products.close_match import did_you_mean
from entrypoints.api.http.problems import FieldError, invalid, malformed, shown_text
from entrypoints.api.http.strict_json import Members, plain, read_json

Body = TypeVar("Body", bound=msgspec.Struct)


def read_struct(body: bytes, kind: type[Body]) -> Body:
    """The body as a struct; raises RequestRejected with every error. An empty body has no members."""
    members = read_json(body) if body.strip() else Members([])
    if not isinstance(members, Members):
        raise malformed("The body must be a JSON object.")
    values: dict[str, Any] = {}
    errors = [*_errors(members, kind, values)]
    if errors:
        raise invalid("invalid-body", "Invalid body", errors)
    return kind(**values)


def _errors(members: Members, kind: type[msgspec.Struct], values: dict[str, Any]) -> Iterator[FieldError]:
    """The errors of the members; valid values are added to `values`."""
    types = get_type_hints(kind, include_extras=True)
    given = Counter(name for name, _ in members.pairs)
    for name, value in dict(members.pairs).items():
        if name not in types:
            yield FieldError(shown_text(name), f"is not a field{did_you_mean(name, tuple(types))}")
        elif given[name] > 1:
            yield FieldError(name, "is given more than once")
        else:
            try:
                values[name] = msgspec.convert(plain(value), types[name])
            except msgspec.ValidationError as fault:
                choices = _choices(types[name])
                if choices and isinstance(value, str):
                    allowed = f"one of {', '.join(choices)}"
                    yield FieldError(name, "is not recognized", allowed=allowed, value=shown_text(value))
                else:
                    yield FieldError(name, shown_text(str(fault)))
            except ValueError as fault:
                yield FieldError(name, str(fault))
    for field in msgspec.structs.fields(kind):
        if field.required and field.name not in given:
            yield FieldError(field.name, "is missing")


def _choices(annotation: Any) -> list[str]:
    """The texts that a field with choices can have; empty for other fields."""
    known = msgspec.inspect.type_info(annotation)
    while isinstance(known, msgspec.inspect.Metadata):
        known = known.type
    kinds = known.types if isinstance(known, msgspec.inspect.UnionType) else (known,)
    values: list[object] = []
    for kind in kinds:
        if isinstance(kind, msgspec.inspect.LiteralType):
            values += kind.values
        elif isinstance(kind, msgspec.inspect.EnumType):
            values += [member.value for member in kind.cls]
    return [str(value) for value in values]
