"""Differences between two OpenAPI documents that break clients of the older one."""

from collections.abc import Iterator, Mapping
from typing import Any

_METHODS = ("get", "put", "post", "delete", "patch")
_BOUNDS = (("minimum", 1), ("exclusiveMinimum", 1), ("minLength", 1), ("minItems", 1),
           ("maximum", -1), ("exclusiveMaximum", -1), ("maxLength", -1), ("maxItems", -1))  # fmt: skip
_UNKNOWN = {"allOf", "not", "if", "patternProperties", "prefixItems", "discriminator", "multipleOf", "uniqueItems"}
"""Parts of JSON Schema that are not compared: the API does not use them."""
Document = Mapping[str, Any]
Schema = Mapping[str, Any]


def breaking_changes(old: Document, new: Document) -> list[str]:
    """Return what a client of `old` can send or must understand that `new` refuses or changes."""
    return [
        f"{method.upper()} {path}: {change}"
        for path, operations in old["paths"].items()
        for method, operation in operations.items()
        if method in _METHODS
        for change in _of_operation(operation, new["paths"].get(path, {}).get(method), old, new)
    ]


def _of_operation(before: Any, after: Any, old: Document, new: Document) -> Iterator[str]:
    if after is None:
        yield "removed"
        return
    if before.get("operationId") != after.get("operationId"):
        yield f"operationId is {after.get('operationId')}, was {before.get('operationId')}"
    for needed in _securities(before, old):
        if not any(each.keys() <= needed.keys() for each in _securities(after, new)):
            yield f"other credentials are required than {sorted(needed) or 'none'}"
    yield from _of_parameters(_parameters(before), _parameters(after), old, new)
    yield from _of_body(before.get("requestBody"), after.get("requestBody"), old, new)
    yield from _of_responses(before["responses"], after["responses"], old, new)


def _of_parameters(given: Any, taken: Any, old: Document, new: Document) -> Iterator[str]:
    for key in given.keys() - taken.keys():
        yield f"parameter {key} is removed"
    for key, parameter in taken.items():
        if key not in given and parameter.get("required"):
            yield f"parameter {key} is new and required"
        elif key in given:
            if parameter.get("required") and not given[key].get("required"):
                yield f"parameter {key} is required now"
            default = given[key]["schema"].get("default")
            if parameter["schema"].get("default") != default:
                yield f"parameter {key} has another default than {default}"
            yield from _refused(given[key]["schema"], parameter["schema"], old, new, f"parameter {key}")


def _of_responses(before: Any, after: Any, old: Document, new: Document) -> Iterator[str]:
    for status in after.keys() - before.keys():
        if status.startswith(("2", "3")):
            yield f"response {status} may occur"
    for status, response in before.items():
        content = after.get(status)
        if content is None:
            yield f"response {status} is removed"
            continue
        for header in response.get("headers", {}).keys() - content.get("headers", {}).keys():
            yield f"response {status} has no header {header} any more"
        for media_type, body in response.get("content", {}).items():
            written = content.get("content", {}).get(media_type)
            if written is None:
                yield f"response {status} has no {media_type} any more"
            else:  # the service writes, the client of the older document reads
                where = f"response {status}"
                yield from _refused(written["schema"], body["schema"], new, old, where, lenient=True)


def _of_body(before: Any, after: Any, old: Document, new: Document) -> Iterator[str]:
    if (after or {}).get("required") and not (before or {}).get("required"):
        yield "a request body is required now"
    for media_type, body in (before or {}).get("content", {}).items():
        read = (after or {}).get("content", {}).get(media_type)
        if read is None:
            yield f"request body {media_type} is not accepted any more"
        elif "schema" in body and "schema" in read:
            yield from _refused(body["schema"], read["schema"], old, new, "request")


def _parameters(operation: Any) -> dict[str, Any]:
    return {f"{each['name']} in {each['in']}": each for each in operation.get("parameters", [])}


def _securities(operation: Any, document: Document) -> list[Any]:
    """The alternative sets of credentials that suffice."""
    found: list[Any] = operation.get("security", document.get("security")) or [{}]
    return found


def _resolved(schema: Schema, document: Document) -> Schema:
    while "$ref" in schema:
        found: Any = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        schema = found
    return schema


def _refused(
    written: Schema,
    read: Schema,
    writer: Document,
    reader: Document,
    where: str,
    *,
    lenient: bool = False,
    seen: frozenset[tuple[int, int]] = frozenset(),
) -> Iterator[str]:
    """What is valid by `written`, in the writer's document, and not by `read`, in the reader's.

    A lenient reader ignores unknown fields and does not check limits: clients must read responses like that.
    """
    written, read = _resolved(written, writer), _resolved(read, reader)
    if (id(written), id(read)) in seen:
        return
    if unknown := _UNKNOWN & (written.keys() | read.keys()):
        raise NotImplementedError(f"{where}: {unknown} cannot be compared yet")

    def deeper(one: Schema, other: Schema, place: str) -> Iterator[str]:
        return _refused(one, other, writer, reader, place, lenient=lenient, seen=seen | {(id(written), id(read))})

    alternatives, accepted = _alternatives(written), _alternatives(read)
    if len(alternatives) > 1 or len(accepted) > 1:
        for each in alternatives:
            refusals = [list(deeper(each, other, where)) for other in accepted]
            if all(refusals):
                yield min(refusals, key=len)[0]
        return
    unread = (_types(written) or (set() if _values(written) else {"other types"})) - _types(read)
    if _types(read) and unread - ({"integer"} if "number" in _types(read) else set()):
        yield f"{where}: {', '.join(sorted(unread))} may occur"
        return
    yield from _refused_values(_values(written), _values(read), where)
    yield from _exceeded_limits(written, read, where, lenient=lenient)
    for name in set(read.get("required", ())) - set(written.get("required", ())):
        yield f"{where}.{name}: may be missing"
    for name, schema in written.get("properties", {}).items():
        if name in read.get("properties", {}):
            yield from deeper(schema, read["properties"][name], f"{where}.{name}")
        elif not lenient:  # it would be rejected, or ignored
            yield f"{where}.{name}: is not known"
    if not lenient and read.get("additionalProperties") is False is not written.get("additionalProperties"):
        yield f"{where}: other fields are not accepted"
    if "items" in read:
        yield from deeper(written.get("items", {}), read["items"], f"{where}[]")


def _exceeded_limits(written: Schema, read: Schema, where: str, *, lenient: bool) -> Iterator[str]:
    for bound, direction in () if lenient else _BOUNDS:
        if bound in read and (bound not in written or (read[bound] - written[bound]) * direction > 0):
            yield f"{where}: {bound} {read[bound]} is not kept"
    for name in ("format",) if lenient else ("format", "pattern"):
        if name in read and written.get(name) != read[name]:
            yield f"{where}: {name} {read[name]} is not kept"


def _refused_values(written: list[Any] | None, read: list[Any] | None, where: str) -> Iterator[str]:
    if read is None:
        return
    if written is None:
        yield f"{where}: values other than {read} may occur"
    elif extra := [each for each in written if each not in read]:
        yield f"{where}: {extra} may occur"


def _alternatives(schema: Schema) -> list[Schema]:
    found: list[Schema] = list(schema.get("anyOf") or schema.get("oneOf") or [schema])
    return found


def _types(schema: Schema) -> set[str]:
    kind = schema.get("type", [])
    return set(kind) if isinstance(kind, list) else {kind}


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values
