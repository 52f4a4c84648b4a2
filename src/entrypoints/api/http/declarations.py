"""How route handlers are declared, and so described in the OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from litestar import HttpMethod, route
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from msgspec import Struct

from entrypoints.api.http.problems import MEDIA_TYPE, Problem

read = partial(route, http_method=(HttpMethod.GET, HttpMethod.HEAD))
"""Declares a route handler for GET and HEAD."""

_PROBLEMS = {
    400: "Malformed request; `errors` names every invalid parameter or header.",
    401: "No access token, or one that is invalid; see `WWW-Authenticate`.",
    403: "Permission denied for this role, or the password must be changed first; see `type`.",
    404: "Not found, or visible to other callers only.",
    405: "Method not allowed; see `Allow`.",
    408: "The body did not arrive in time.",
    409: "The state of the resource does not allow it, or what it needs is no longer kept; see `type`.",
    412: "The resource was changed since the caller read it; read it again.",
    413: "The body is too large.",
    414: "The URL is too long.",
    415: "Unsupported media type; see `Accept-Post`.",
    422: "Invalid values, `errors` names every invalid field; or the idempotency key was used with a "
    "different request.",
    428: "The header `If-Match` is missing.",
    429: "Rate limit, quota or login attempts exceeded; see `Retry-After`.",
    431: "The headers are too large, or too many.",
    500: "Unexpected error, logged under `request_id`.",
    503: "A dependency is unavailable; see `Retry-After`, and `type` for whether the request took effect.",
}
_ALWAYS = (400, 414, 429, 431, 500, 503)


def problems(*statuses: int, examples: Mapping[int, object] | None = None) -> dict[int, ResponseSpec]:
    """The problems a route may answer with, by status, besides those that every route may."""
    return {
        status: ResponseSpec(
            Problem,
            generate_examples=False,
            description=_PROBLEMS[status],
            media_type=MEDIA_TYPE,
            examples=[Example(value=examples[status])] if examples and status in examples else None,
        )
        for status in sorted({*statuses, *_ALWAYS})
    }


def secured_problems(*statuses: int, examples: Mapping[int, object] | None = None) -> dict[int, ResponseSpec]:
    """The problems of a route that needs an access token."""
    return problems(401, 403, *statuses, examples=examples)


def request_body(*media_types: str, form: type[Struct] | None = None) -> type[Operation]:
    """The class of an operation whose handler reads the body itself: a form with these fields, or a file."""
    schema = (
        Reference(f"#/components/schemas/{form.__name__}")
        if form
        else Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
    )

    @dataclass
    class OperationWithBody(Operation):
        def __post_init__(self) -> None:
            content = {media_type: OpenAPIMediaType(schema=schema) for media_type in media_types}
            self.request_body = RequestBody(required=True, content=content)

    return OperationWithBody
