"""Own views of referral cases, quality reviews, and reviews of decisions."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from application.catalog import UseCases
from domain.access.user import Actor
from domain.cases.quality import QualityState
from domain.policies.final_outcome import FinalOutcome
from entrypoints.api.cases.requests import (
    ETAG,
    IF_MATCH,
    ONE,
    PATH,
    WITH_BODY,
    body_of,
    changed,
    key_of,
    version_of,
)
from entrypoints.api.cases.resolution_presenters import quality_list
from entrypoints.api.cases.resolution_schemas import (
    OwnViewBody,
    QualityReviewBody,
    QualityReviewList,
    ReviewBody,
)
from entrypoints.api.cases.schemas import CaseResponse
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER
from entrypoints.api.http.pagination import CURSOR, DEFAULT_LIMIT, LIMIT, LINK, link_to_next
from entrypoints.api.http.problems import FieldError
from entrypoints.api.http.query import check_query
from entrypoints.api.http.responses import JSON

_LOCATION = ResponseHeader(name="Location", documentation_only=True, description="The new case.")
_STATES = {state.value: state for state in QualityState}
_STATE = QueryParameter(name="state", description=f"one of {', '.join(_STATES)}")


@post(
    ONE + "/own-view",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=OwnViewBody),
)
async def enter_own_view(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Enter the caller's own view of a case.

    If the policy of the decision is blind, the case shows score and recommendation after it.
    """
    body = await body_of(request, caller, OwnViewBody)
    seen, outcome = version_of(if_match), FinalOutcome(body.outcome)
    result = await use_cases.cases.enter_own_view(
        case_id, outcome, body.text, by=caller, seen=seen, key=key_of(request)
    )
    return changed(use_cases, result, by=caller)


@post(
    ONE + "/quality-review",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=QualityReviewBody),
)
async def review_quality(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Record what the caller would have decided on a resolved case.

    A share of the resolved cases waits for this, by someone who did not decide on them and does not see the
    decision before.
    """
    body = await body_of(request, caller, QualityReviewBody)
    seen, outcome = version_of(if_match), FinalOutcome(body.outcome)
    result = await use_cases.cases.quality_review(
        case_id, outcome, body.text, by=caller, seen=seen, key=key_of(request)
    )
    return changed(use_cases, result, by=caller)


@post(
    "/api/v1/decisions/{decision_id:uuid}/review",
    status_code=201,
    response_headers=[ETAG, REPLAYED_HEADER, _LOCATION],
    responses=secured_problems(404, 408, 409, 413, 415, 422),
    operation_class=request_body(JSON, form=ReviewBody),
)
async def open_review(
    *,
    request: Request[Any, Any, Any],
    decision_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Open a referral case on a decision, to review it.

    The only way to change a decline or a final decision. At most one case on a decision is unfinished.
    """
    body = await body_of(request, caller, ReviewBody)
    result = await use_cases.cases.open_review(decision_id, body.reason, by=caller, key=key_of(request))
    response = changed(use_cases, result, by=caller)
    response.set_header("Location", f"{PATH}/{result.case.case_id}")
    return response


@read(PATH + "/quality-reviews", response_headers=[LINK], responses=secured_problems())
async def list_quality_reviews(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    in_state: Annotated[str, _STATE] = QualityState.DISAGREED.value,
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, CURSOR] = None,
) -> Response[QualityReviewList]:
    """List quality reviews of resolved cases.

    Those that wait for a reviewer, or those in which the reviewer agreed or disagreed.
    """
    errors = []
    if in_state not in _STATES:
        errors.append(FieldError("state", "is not a state of reviews", _STATE.description or "", in_state))
    check_query(request, *errors)
    page = await use_cases.cases.list_quality_reviews(_STATES[in_state], by=caller, limit=limit, cursor=cursor)
    return Response(quality_list(page), headers=link_to_next(request, page.next_cursor))


REVIEW_ROUTES = (enter_own_view, review_quality, open_review, list_quality_reviews)
