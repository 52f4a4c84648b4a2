"""From exceptions to problem details. Each area has its own in its module `problems`; those here are shared."""

import logging
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from application.ports.access.request_rates import TooManyRequests
from application.ports.decisions.decision_archive import InvalidCursor
from application.ports.decisions.idempotency import KeyReused, OriginalResponseUnavailable
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.decisions.read_decisions import PageTooLarge
from entrypoints.api.access import problems as access
from entrypoints.api.applications import problems as applications
from entrypoints.api.audit import problems as audit
from entrypoints.api.batches import problems as batches
from entrypoints.api.cases import problems as cases
from entrypoints.api.decisions import problems as decisions
from entrypoints.api.http.problem_makers import (
    RETRY,
    Problems,
    Resources,
    invalid_parameter,
    problem,
    sentence,
    whole_seconds,
)
from entrypoints.api.http.problems import MEDIA_TYPE, PROBLEM_TYPE, RequestRejected, shown_text
from entrypoints.api.http.query import unreadable_query
from entrypoints.api.http.request_facts import observe, request_id
from entrypoints.api.http.responses import PRIVATE
from entrypoints.api.monitoring import problems as monitoring
from entrypoints.api.notices import problems as notices
from entrypoints.api.outcomes import problems as outcomes
from entrypoints.api.reconsiderations import problems as reconsiderations
from entrypoints.api.webhooks import problems as webhooks

_log = logging.getLogger(__name__)


def handle_exception(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The response to any exception; an unexpected one is logged, and the response does not show it."""
    rejected = _rejected(request, error)
    scope = request.scope
    identifier = request_id(scope)
    observe(scope, problem=rejected.problem.type.removeprefix(PROBLEM_TYPE))
    problem = msgspec.structs.replace(rejected.problem, instance=_shown_path(scope["path"]), request_id=identifier)
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**PRIVATE, "X-Request-ID": identifier, **dict(rejected.headers)},
    )


def _rejected(request: Request[Any, Any, Any], error: Exception) -> RequestRejected:
    if isinstance(error, RequestRejected):
        return error
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            return PROBLEMS[kind](error)
    if isinstance(error, ValidationException):
        return unreadable_query(request, _unreadable(error))
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _from_litestar(request, error)
    observe(request.scope, error=type(error).__name__)
    _log.error("a request failed unexpectedly", exc_info=error, extra={"request_id": request_id(request.scope)})
    return RequestRejected(
        500,
        "unexpected",
        "Unexpected error",
        "The error was logged. Quote request_id when you report it.",
    )


def _from_litestar(request: Request[Any, Any, Any], error: HTTPException) -> RequestRejected:
    status, path = HTTPStatus(error.status_code), request.scope["path"]
    detail = error.detail
    if status is HTTPStatus.NOT_FOUND:
        for beginning, kind, not_found in _RESOURCES:
            identifier = path.removeprefix(beginning).split("/")[0] if path.startswith(beginning) else ""
            if identifier and not _is_uuid(identifier):
                return not_found(f"there is no {kind} {shown_text(identifier)}: an identifier is a UUID")
        detail = "Nothing is at this path. /docs lists every path."
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"This path does not support {request.method}. The header Allow lists the methods it supports."
    headers = tuple((error.headers or {}).items())
    return RequestRejected(status, status.phrase.lower().replace(" ", "-"), status.phrase, detail, headers=headers)


def _unreadable(error: ValidationException) -> set[str]:
    """The names, in the handler, of the parameters that Litestar could not read."""
    messages: Any = error.extra or ()
    return {message["key"] for message in messages if "key" in message}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _shown_path(path: str) -> str:
    """The path without what JSON cannot hold."""
    return path.encode("utf-8", "replace").decode()[:200]


def _too_many_requests(error: TooManyRequests) -> RequestRejected:
    seconds = whole_seconds(error.wait)
    return RequestRejected(
        429,
        "too-many-requests",
        "Too many requests",
        f"{sentence(error)} Nothing was done. Try again in {seconds} s.",
        headers=(
            ("Retry-After", str(seconds)),
            ("RateLimit-Policy", f'"caller";q={error.burst}'),
            ("RateLimit", f'"caller";r=0;t={seconds}'),
        ),
    )


def _original_response_unavailable(error: OriginalResponseUnavailable) -> RequestRejected:
    detail = f"{sentence(error)} Nothing was done. Use a new key."
    return RequestRejected(409, "first-answer-not-kept", "Original response unavailable", detail)


_AREAS = (
    access,
    applications,
    audit,
    batches,
    cases,
    decisions,
    monitoring,
    notices,
    outcomes,
    reconsiderations,
    webhooks,
)
_RESOURCES: Resources = tuple(
    resource
    for area in (applications, audit, batches, cases, decisions, notices, outcomes, webhooks)
    for resource in area.RESOURCES
)

_COMMON: Problems = {
    TooManyRequests: _too_many_requests,
    InvalidCursor: invalid_parameter("cursor"),
    PageTooLarge: invalid_parameter("limit"),
    KeyReused: problem(
        422,
        "idempotency-key-reused",
        "Idempotency key reused",
        "This key was already used with a different request. Nothing was done. Use a new key.",
    ),
    OriginalResponseUnavailable: _original_response_unavailable,
    DependencyUnavailable: problem(
        503,
        "temporarily-unavailable",
        "Service temporarily unavailable",
        "A dependency is not responding; see /health/ready. Try again shortly.",
        headers=RETRY,
    ),
}
PROBLEMS: Problems = {
    kind: made for problems in (_COMMON, *(area.PROBLEMS for area in _AREAS)) for kind, made in problems.items()
}
"""The problem for each expected exception, by its class or the nearest one it derives from."""
