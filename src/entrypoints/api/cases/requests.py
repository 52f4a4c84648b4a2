"""What requests to change a referral case have in common."""

from collections.abc import Mapping
from typing import Any, TypeVar

from litestar import Request, Response
from litestar.datastructures import ResponseHeader
from litestar.params import HeaderParameter
from msgspec import Struct

from application.catalog import UseCases
from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.cases.change_case import CaseResult
from domain.access.user import Actor, Permission
from domain.cases.blind import leaves_out_score, without_score
from entrypoints.api.cases.presenters import case_response, etag
from entrypoints.api.cases.schemas import CaseResponse
from entrypoints.api.http.idempotency import REPLAYED_HEADER, idempotency_key
from entrypoints.api.http.json_body import read_struct
from entrypoints.api.http.problems import RequestRejected
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.responses import JSON

PATH = "/api/v1/cases"
ONE = PATH + "/{case_id:uuid}"
LARGEST_BODY = 64 * 1024
ETAG = ResponseHeader(name="ETag", documentation_only=True, description="The version of the case.")
IF_MATCH = HeaderParameter(
    name="If-Match",
    description="The `ETag` of the case as the caller read it, so that no change is lost. Required.",
)
HELD = (404, 409, 412, 422, 428)
"""The problems of an action that needs the lease and the version."""
WITH_BODY = (*HELD, 408, 413, 415)
Body = TypeVar("Body", bound=Struct)


async def body_of(
    request: Request[Any, Any, Any],
    caller: Actor,
    kind: type[Body],
    needed: Permission = Permission.WORK_CASES,
) -> Body:
    """The body; the permission is checked before the body is read."""
    caller.require(needed)
    headers: Mapping[bytes, bytes] = dict(request.scope["headers"])
    body = await read_body(request.receive, headers, limit=LARGEST_BODY)
    if body:
        require_media_type(JSON, headers)
    return read_struct(body, kind)


def key_of(request: Request[Any, Any, Any]) -> IdempotencyKey | None:
    """The idempotency key of the request."""
    headers = request.scope["headers"]
    return idempotency_key(dict(headers), headers)


def version_of(if_match: str | None, kind: str = "case") -> int:
    """The version of a case, or of something of another kind, that the caller has seen.

    Raises RequestRejected without one.
    """
    if if_match is None:
        raise RequestRejected(
            428,
            "precondition-required",
            "Precondition required",
            f"Read the {kind} first, and send its ETag in the header If-Match, so that no change is lost.",
        )
    tag = if_match.strip()
    digits = tag.removeprefix('"').removesuffix('"')
    if tag != f'"{digits}"' or not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise RequestRejected(
            412,
            f"{kind}-changed",
            f"{kind.capitalize()} changed",
            f"If-Match names no version of a {kind}. Read the {kind} again.",
        )
    return int(digits)


def changed(use_cases: UseCases, result: CaseResult, *, by: Actor) -> Response[CaseResponse]:
    """The response with a case after an action, without its score under a blind policy."""
    headers = {"ETag": etag(result.case)}
    if result.replayed:
        headers[REPLAYED_HEADER.name] = "true"
    case = result.case
    if leaves_out_score(case, by, policy_is_blind=use_cases.read_policy_in_force().review_terms.blind):
        case = without_score(case)
    return Response(case_response(case, use_cases.clock.now()), headers=headers)
