"""Links and requests of applicants as the API shows them."""

from datetime import datetime

from application.use_cases.reconsiderations.applicant_links import MadeLink
from application.use_cases.reconsiderations.staff_requests import ApplicantRequests, ReceivedRequest
from domain.access.user import Actor, Permission
from domain.reconsiderations.applicant_link import ApplicantLink
from domain.reconsiderations.reconsideration import Reconsideration
from entrypoints.api.reconsiderations.schemas import (
    AnswerResponse,
    ApplicantLinkList,
    ApplicantLinkResponse,
    MadeLinkResponse,
    ReconsiderationList,
    ReconsiderationResponse,
)


def link_response(link: ApplicantLink, by: Actor, at: datetime) -> ApplicantLinkResponse:
    """A link without its address."""
    return ApplicantLinkResponse(
        link_id=link.link_id,
        application_id=link.application_id,
        made_at=link.made_at,
        made_by=_person(link.made_by, by),
        expires_at=link.expires_at,
        revoked_at=link.revoked_at,
        valid=link.valid_at(at),
    )


def made_link(made: MadeLink, by: Actor, at: datetime) -> MadeLinkResponse:
    """A link with its address."""
    return MadeLinkResponse(link_response(made.link, by, at), made.address)


def link_list(found: ApplicantRequests, by: Actor, at: datetime) -> ApplicantLinkList:
    """The links of an application."""
    return ApplicantLinkList(found.application_id, tuple(link_response(each, by, at) for each in found.links))


def reconsideration_list(found: ApplicantRequests, by: Actor, at: datetime) -> ReconsiderationList:
    """The requests on an application."""
    requests = tuple(reconsideration_response(each, by, at) for each in found.requests)
    return ReconsiderationList(found.application_id, requests)


def reconsideration_response(received: ReceivedRequest, by: Actor, at: datetime) -> ReconsiderationResponse:
    """A request with what the applicant wrote."""
    request, content = received.request, received.content
    return ReconsiderationResponse(
        reconsideration_id=request.reconsideration_id,
        application_id=request.application_id,
        decision_id=request.decision_id,
        case_id=request.case_id,
        kind=request.kind.value,
        state=request.state.value,
        requested_at=request.requested_at,
        due_at=request.due_at,
        overdue=request.overdue_at(at),
        fields=request.fields,
        stated=None if content is None else dict(content.stated),
        text=None if content is None else content.text,
        answer=_answer(request, by),
    )


def _answer(request: Reconsideration, by: Actor) -> AnswerResponse | None:
    answer, at, answered_by = request.answer, request.answered_at, request.answered_by
    if answer is None or at is None or answered_by is None:
        return None
    return AnswerResponse(
        state=answer.state.value,  # type: ignore[arg-type] # an answer is never open
        reason=answer.reason.value,
        decision_id=answer.decision_id,
        answered_at=at,
        answered_by=_person(answered_by, by),
    )


def _person(name: str, by: Actor) -> str | None:
    """Systems that see their own applications only are not given the names of people."""
    return name if by.may(Permission.READ_ALL_DECISIONS) or name == by.name else None
