"""Links by which applicants see their application, and what they ask for by them."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from application.catalog import UseCases
from application.use_cases.reconsiderations.staff_requests import ReceivedRequest
from domain.access.user import Actor
from entrypoints.api.cases.requests import HELD, IF_MATCH, key_of, version_of
from entrypoints.api.http.declarations import read, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER
from entrypoints.api.reconsiderations.presenters import (
    link_list,
    link_response,
    made_link,
    reconsideration_list,
    reconsideration_response,
)
from entrypoints.api.reconsiderations.schemas import (
    ApplicantLinkList,
    ApplicantLinkResponse,
    CorrectionAccepted,
    MadeLinkResponse,
    ReconsiderationList,
)

_ONE = "/api/v1/applications/{application_id:uuid}"


@post(
    _ONE + "/applicant-link",
    status_code=201,
    response_headers=[REPLAYED_HEADER],
    responses=secured_problems(404, 409, 422),
)
async def make_applicant_link(
    *,
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - describes it
) -> Response[MadeLinkResponse]:
    """Make a link for the applicant.

    It shows state, reasons and the applicant's own data, and lets the applicant correct them or ask for a person.
    """
    made = await use_cases.reconsiderations.make_link(application_id, by=caller, key=key_of(request))
    headers = {REPLAYED_HEADER.name: "true"} if made.replayed else {}
    return Response(made_link(made, caller, use_cases.clock.now()), headers=headers)


@read(_ONE + "/applicant-links", responses=secured_problems(404))
async def list_applicant_links(
    application_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> ApplicantLinkList:
    """List the applicant's links.

    Without their addresses, which are shown once.
    """
    found = await use_cases.reconsiderations.read(application_id, by=caller)
    return link_list(found, caller, use_cases.clock.now())


@delete(_ONE + "/applicant-links/{link_id:uuid}", status_code=200, responses=secured_problems(404, 409))
async def revoke_applicant_link(
    application_id: FromPath[UUID],
    link_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
) -> ApplicantLinkResponse:
    """Revoke an applicant's link.

    It opens nothing from now on. Revoking it again changes nothing.
    """
    link = await use_cases.reconsiderations.revoke_link(application_id, link_id, by=caller)
    return link_response(link, caller, use_cases.clock.now())


@read(_ONE + "/reconsiderations", responses=secured_problems(404))
async def list_reconsiderations(
    application_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> ReconsiderationList:
    """List what the applicant asked for.

    Corrections and reviews by a person, with their answers.
    """
    found = await use_cases.reconsiderations.read(application_id, by=caller)
    return reconsideration_list(found, caller, use_cases.clock.now())


@post(
    _ONE + "/reconsiderations/{reconsideration_id:uuid}/acceptance",
    status_code=200,
    response_headers=[REPLAYED_HEADER],
    responses=secured_problems(*HELD, 503),
)
async def accept_correction(
    *,
    application_id: FromPath[UUID],
    reconsideration_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
) -> Response[CorrectionAccepted]:
    """Accept an applicant's correction.

    Decides the application again with the stated values, which the caller, who holds the case, has verified. That
    decision supersedes the one before and is the answer. Repeating the request returns the same decision.
    """
    seen = version_of(if_match)
    accepted = await use_cases.reconsiderations.accept_correction(
        application_id, reconsideration_id, by=caller, seen=seen, received_through="api"
    )
    found = await use_cases.reconsiderations.read(application_id, by=caller)
    received = next(
        (each for each in found.requests if each.request.reconsideration_id == reconsideration_id),
        ReceivedRequest(accepted.request, None),
    )
    body = CorrectionAccepted(
        accepted.decision_id, reconsideration_response(received, caller, use_cases.clock.now())
    )
    return Response(body, headers={REPLAYED_HEADER.name: "true"} if accepted.replayed else {})


RECONSIDERATION_ROUTES = (
    make_applicant_link,
    list_applicant_links,
    revoke_applicant_link,
    list_reconsiderations,
    accept_correction,
)
