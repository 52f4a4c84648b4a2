"""From an exception to the problem detail a caller gets; the unexpected is logged and tells nothing of itself."""

import logging
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from entrypoints.api.batches import routes as batches
from entrypoints.api.decisions import routes as decisions
from entrypoints.api.decisions.application_errors import shown_text
from entrypoints.api.http.problem_catalog import EXPECTED, no_such_batch, no_such_decision
from entrypoints.api.http.problems import MEDIA_TYPE, PROBLEM_TYPE, RequestRejected
from entrypoints.api.http.request_facts import observe, request_id
from entrypoints.api.http.responses import PRIVATE

_log = logging.getLogger(__name__)

_IDENTIFIED = (
    (f"{decisions.PATH}/", "decision", no_such_decision),
    (f"{batches.PATH}/", "batch", no_such_batch),
)
"""Where paths go on with an identifier, of what, and how it is told that there is none."""


def handle_exception(request: Request[Any, Any, Any], fault: Exception) -> Response[bytes]:
    """The answer for an exception of any kind."""
    return problem_response(request, _refusal(request, fault))


def problem_response(request: Request[Any, Any, Any], refused: RequestRejected) -> Response[bytes]:
    """The answer that tells a problem."""
    scope = request.scope
    identifier = request_id(scope)
    observe(scope, problem=refused.problem.type.removeprefix(PROBLEM_TYPE))
    problem = msgspec.structs.replace(refused.problem, instance=_path(scope["path"]), request_id=identifier)
    headers = {**PRIVATE, "X-Request-ID": identifier, **dict(refused.headers)}
    return Response(
        msgspec.json.encode(problem), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers
    )


def _refusal(request: Request[Any, Any, Any], fault: Exception) -> RequestRejected:
    if isinstance(fault, RequestRejected):
        return fault
    for kind in type(fault).__mro__:
        if kind in EXPECTED:
            return EXPECTED[kind](fault)
    if isinstance(fault, HTTPException) and fault.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _from_framework(request, fault)
    observe(request.scope, error=type(fault).__name__)
    _log.error("a request failed unexpectedly", exc_info=fault, extra={"request_id": request_id(request.scope)})
    return RequestRejected(
        500,
        "unexpected",
        "Something went wrong here",
        "The fault is not in the request. It was logged; quote request_id when asking about it.",
    )


def _from_framework(request: Request[Any, Any, Any], fault: HTTPException) -> RequestRejected:
    status = HTTPStatus(fault.status_code)
    detail = fault.detail
    if status is HTTPStatus.NOT_FOUND and (missing := _no_identifier(request.scope["path"])):
        return missing
    if status is HTTPStatus.NOT_FOUND:
        detail = "there is nothing at this path; /schema lists what there is"
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not possible at this path; the Allow header lists what is"
    headers = tuple((fault.headers or {}).items())
    return RequestRejected(status, status.phrase.lower().replace(" ", "-"), status.phrase, detail, headers=headers)


def _no_identifier(path: str) -> RequestRejected | None:
    """What is told of a path that names a decision or a batch by what is no identifier; None of any other path."""
    for beginning, kind, told in _IDENTIFIED:
        given = path.removeprefix(beginning).split("/")[0] if path.startswith(beginning) else ""
        if given and not _is_identifier(given):
            return told(LookupError(f"there is no {kind} {shown_text(given)}: an identifier is a UUID"))
    return None


def _is_identifier(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _path(path: str) -> str:
    """A path as it may stand in JSON, whatever bytes were called."""
    return path.encode("utf-8", "replace").decode()[:200]
