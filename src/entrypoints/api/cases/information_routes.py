"""Notes on a referral case, and what the applicant is asked for."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from application.catalog import UseCases
from domain.access.user import Actor
from entrypoints.api.cases.requests import ETAG, IF_MATCH, ONE, WITH_BODY, body_of, changed, key_of, version_of
from entrypoints.api.cases.schemas import (
    CaseNoteBody,
    CaseResponse,
    InformationAnswerBody,
    InformationRequestBody,
)
from entrypoints.api.http.declarations import request_body, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER
from entrypoints.api.http.responses import JSON


@post(
    ONE + "/notes",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=CaseNoteBody),
)
async def add_case_note(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Add a note to a referral case that the caller holds."""
    wanted = await body_of(request, caller, CaseNoteBody)
    seen = version_of(if_match)
    result = await use_cases.cases.add_note(case_id, wanted.text, by=caller, seen=seen, key=key_of(request))
    return changed(use_cases, result, by=caller)


@post(
    ONE + "/information-requests",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=InformationRequestBody),
)
async def request_information(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Record that the applicant is asked for information.

    The due time stops until the answer is recorded. Without an answer in the time of the policy the case expires.
    """
    wanted = await body_of(request, caller, InformationRequestBody)
    seen, key = version_of(if_match), key_of(request)
    result = await use_cases.cases.request_information(case_id, wanted.text, by=caller, seen=seen, key=key)
    return changed(use_cases, result, by=caller)


@post(
    ONE + "/information-requests/answer",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=InformationAnswerBody),
)
async def answer_information_request(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Record the applicant's answer.

    The due time runs again, later by the time for which the applicant was awaited. Claim the case first.
    """
    wanted = await body_of(request, caller, InformationAnswerBody)
    seen, key = version_of(if_match), key_of(request)
    result = await use_cases.cases.receive_information(case_id, wanted.text, by=caller, seen=seen, key=key)
    return changed(use_cases, result, by=caller)


INFORMATION_ROUTES = (add_case_note, request_information, answer_information_request)
