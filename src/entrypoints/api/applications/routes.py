"""Loan applications after their decisions: their state, acceptance and withdrawal."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter
from msgspec import Struct

from application.catalog import UseCases
from application.ports.applications.applications import ApplicationFilter
from application.use_cases.applications.change_application import ApplicationChanged
from application.use_cases.applications.read_applications import ApplicationChain
from domain.access.user import Actor, Permission
from domain.applications.application_action import WithdrawalReason
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from entrypoints.api.applications.presenters import application_list, application_response, etag
from entrypoints.api.applications.schemas import (
    AcceptanceBody,
    ApplicationListResponse,
    ApplicationResponse,
    WithdrawalBody,
)
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER, idempotency_key
from entrypoints.api.http.json_body import read_struct
from entrypoints.api.http.pagination import CURSOR, DEFAULT_LIMIT, LIMIT, LINK, link_to_next
from entrypoints.api.http.query import check_query, text
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.responses import JSON

PATH = "/api/v1/applications"
_ONE = PATH + "/{application_id:uuid}"
LARGEST_BODY = 16 * 1024
_ETAG = ResponseHeader(
    name="ETag", documentation_only=True, description="Identifies the state of the application."
)
_IF_MATCH = HeaderParameter(
    name="If-Match",
    description="The `ETag` of the application as the caller read it: if it was changed since, nothing is done.",
)
_STATE = QueryParameter(name="state", description="one of " + ", ".join(state.value for state in ApplicationState))
Body = TypeVar("Body", bound=Struct)


@read(PATH, response_headers=[LINK], responses=secured_problems())
async def list_applications(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    reference: Annotated[str | None, text("the caller's reference of the application")] = None,
    applicant_reference: Annotated[str | None, text("the caller's reference of the applicant")] = None,
    in_state: Annotated[ApplicationState | None, _STATE] = None,
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, CURSOR] = None,
) -> Response[ApplicationListResponse]:
    """List applications.

    Each with its present state, the newest decision first. Trial runs are no applications.
    """
    check_query(request)
    wanted = ApplicationFilter(reference, applicant_reference, in_state)
    page = await use_cases.applications.list(wanted, by=caller, limit=limit, cursor=cursor)
    return Response(application_list(page), headers=link_to_next(request, page.next_cursor))


@read(_ONE, response_headers=[_ETAG], responses=secured_problems(404))
async def read_application(
    application_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[ApplicationResponse]:
    """Read an application.

    Its state and the whole chain: decisions, acceptance and withdrawal. The identifier of any of its decisions
    addresses it.
    """
    return _response(await use_cases.applications.read(application_id, by=caller), caller)


@post(
    _ONE + "/acceptance",
    status_code=200,
    response_headers=[_ETAG, REPLAYED_HEADER],
    responses=secured_problems(404, 408, 409, 412, 413, 415, 422),
    operation_class=request_body(JSON, form=AcceptanceBody),
)
async def accept_offer(
    *,
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, _IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - describes it; repeated ones count
) -> Response[ApplicationResponse]:
    """Accept an offer.

    Records that the applicant accepts the approval or counter-offer, before it expires.
    """
    wanted = await _read(request, caller, AcceptanceBody)
    changed = await use_cases.applications.accept(
        application_id,
        None if wanted.amount is None else Money.of(wanted.amount),
        by=caller,
        key=_key(request),
        version=_version(if_match),
    )
    return await _changed(use_cases, application_id, caller, replayed=changed.replayed)


@post(
    _ONE + "/withdrawal",
    status_code=200,
    response_headers=[_ETAG, REPLAYED_HEADER],
    responses=secured_problems(404, 408, 409, 412, 413, 415, 422),
    operation_class=request_body(JSON, form=WithdrawalBody),
)
async def withdraw_application(
    *,
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, _IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - describes it; repeated ones count
) -> Response[ApplicationResponse]:
    """Withdraw an application.

    Possible while it is referred, or has an offer that has not expired. Its referral case is withdrawn too.
    """
    wanted = await _read(request, caller, WithdrawalBody)
    changed = await use_cases.applications.withdraw(
        application_id,
        WithdrawalReason(wanted.reason),
        wanted.text.strip(),
        by=caller,
        key=_key(request),
        version=_version(if_match),
    )
    return await _changed(use_cases, application_id, caller, replayed=changed.replayed)


async def _read(request: Request[Any, Any, Any], caller: Actor, kind: type[Body]) -> Body:
    """The body; the permission is checked before the body is read."""
    caller.require(Permission.CHANGE_APPLICATIONS)
    headers: Mapping[bytes, bytes] = dict(request.scope["headers"])
    body = await read_body(request.receive, headers, limit=LARGEST_BODY)
    if body:
        require_media_type(JSON, headers)
    return read_struct(body, kind)


def _key(request: Request[Any, Any, Any]) -> Any:
    headers = request.scope["headers"]
    return idempotency_key(dict(headers), headers)


def _version(if_match: str | None) -> str | None:
    """The version that a change requires; None for any. Raises ApplicationChanged."""
    tag = None if if_match is None else if_match.strip()
    if tag is None or tag == "*":
        return None
    version = tag.removeprefix('"').removesuffix('"')
    if tag != f'"{version}"':
        raise ApplicationChanged("If-Match names no state of this application; read the application again")
    return version


async def _changed(
    use_cases: UseCases, application_id: UUID, caller: Actor, *, replayed: bool
) -> Response[ApplicationResponse]:
    response = _response(await use_cases.applications.read(application_id, by=caller), caller)
    if replayed:
        response.headers[REPLAYED_HEADER.name] = "true"
    return response


def _response(chain: ApplicationChain, by: Actor) -> Response[ApplicationResponse]:
    return Response(application_response(chain, by), headers={"ETag": etag(chain.present)})


APPLICATION_ROUTES = (list_applications, read_application, accept_offer, withdraw_application)
