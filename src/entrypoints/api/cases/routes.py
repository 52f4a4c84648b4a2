"""Referral cases: the queue, and who works on a case."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from application.catalog import UseCases
from application.ports.cases.cases import CaseFilter
from application.use_cases.cases.change_case import CaseResult
from domain.access.user import Actor, Permission
from domain.applications.money import Money
from domain.cases.case_state import ENDED, UNFINISHED, CaseState
from domain.decisions.decision_record import DecisionRecord
from entrypoints.api.cases.information_routes import INFORMATION_ROUTES
from entrypoints.api.cases.presenters import case_detail, case_list, etag
from entrypoints.api.cases.requests import (
    ETAG,
    HELD,
    IF_MATCH,
    ONE,
    PATH,
    WITH_BODY,
    body_of,
    changed,
    key_of,
    version_of,
)
from entrypoints.api.cases.resolution_routes import RESOLUTION_ROUTES
from entrypoints.api.cases.review_routes import REVIEW_ROUTES
from entrypoints.api.cases.schemas import CaseDetail, CaseList, CaseResponse, ReassignmentBody
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER
from entrypoints.api.http.pagination import CURSOR, DEFAULT_LIMIT, LIMIT, LINK, link_to_next
from entrypoints.api.http.problems import FieldError
from entrypoints.api.http.query import Moment, Range, check_query, in_utc, moment, text
from entrypoints.api.http.responses import JSON

_STATES: Mapping[str, frozenset[CaseState]] = {
    "unfinished": UNFINISHED,
    "finished": ENDED,
    **{state.value: frozenset({state}) for state in CaseState},
}
_STATE = QueryParameter(name="state", description=f"one of {', '.join(_STATES)}")
_AMOUNT = QueryParameter(description="dollars, a number of at least 0, inclusive", ge=0, le=1e9)
_REQUEST = QueryParameter(description="true lists the cases that are to answer a request of the applicant")
_MINE = QueryParameter(description="true lists the cases that are assigned to the caller")


@read(
    PATH,
    response_headers=[LINK],
    responses=secured_problems(),
    opt={"ranges": (Range("minimum_amount", "maximum_amount", "below", "more"),)},
)
async def list_cases(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    in_state: Annotated[str, _STATE] = "unfinished",
    assignee: Annotated[str | None, text("the name of the user who works on the case")] = None,
    mine: Annotated[bool, _MINE] = False,
    due_before: Annotated[Moment | None, moment("exclusive")] = None,
    minimum_amount: Annotated[float | None, _AMOUNT] = None,
    maximum_amount: Annotated[float | None, _AMOUNT] = None,
    reason: Annotated[str | None, text("the code of a reason of the decision")] = None,
    applicant_request: Annotated[bool, _REQUEST] = False,
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, CURSOR] = None,
) -> Response[CaseList]:
    """List referral cases.

    Unfinished ones by due time, the most urgent first; finished ones by their end, the last one first.
    """
    errors = []
    if in_state not in _STATES:
        errors.append(FieldError("state", "is not a state of cases", _STATE.description or "", in_state))
    if mine and assignee not in {None, caller.name}:
        errors.append(FieldError("assignee", "is another user, and mine is true", "one of the two"))
    check_query(request, *errors)
    wanted = CaseFilter(
        states=_STATES[in_state],
        assignee=caller.name if mine else assignee,
        due_before=in_utc(due_before),
        minimum_amount=_money(minimum_amount),
        maximum_amount=_money(maximum_amount),
        reason=reason,
        applicant_request=applicant_request,
    )
    page = await use_cases.cases.list_cases(wanted, by=caller, limit=limit, cursor=cursor)
    return Response(case_list(page, use_cases.clock.now()), headers=link_to_next(request, page.next_cursor))


@read(ONE, response_headers=[ETAG], responses=secured_problems(404))
async def read_case(
    case_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[CaseDetail]:
    """Read a referral case.

    With its decision, everything that was done, and other decisions on the applicant that the decision counted.
    """
    view = await use_cases.cases.read_case(case_id, by=caller)
    product = await use_cases.read_product_of(view.record) if isinstance(view.record, DecisionRecord) else None
    detail = case_detail(view, product, by=caller, at=use_cases.clock.now())
    return Response(detail, headers={"ETag": etag(view.case)})


@post(
    PATH + "/next",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses={
        204: ResponseSpec(None, generate_examples=False, description="No case waits for the caller."),
        **secured_problems(409, 422),
    },
)
async def claim_next_case(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - describes it; repeated ones count
) -> Response[CaseResponse]:
    """Claim the next referral case.

    Claims the most urgent case that no other person holds. For callers who may give second approvals these include
    cases that await one, unless the caller proposed their resolution. Callers who ask at the same time get
    different cases.
    """
    caller.require(Permission.WORK_CASES)
    result = await use_cases.cases.claim_next(by=caller, key=key_of(request))
    if result is None:
        return Response(None, status_code=204)  # type: ignore[arg-type] # no content
    return changed(use_cases, result, by=caller)


@post(ONE + "/claim", status_code=200, response_headers=[ETAG, REPLAYED_HEADER], responses=secured_problems(*HELD))
async def claim_case(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Claim a referral case.

    The case belongs to the caller for 15 minutes, unless the operator set another time. Activity renews them.
    """
    caller.require(Permission.WORK_CASES)
    seen = version_of(if_match)
    return changed(
        use_cases, await use_cases.cases.claim(case_id, by=caller, seen=seen, key=key_of(request)), by=caller
    )


@post(
    ONE + "/release", status_code=200, response_headers=[ETAG, REPLAYED_HEADER], responses=secured_problems(*HELD)
)
async def release_case(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Release a referral case.

    It goes back to the queue with its notes.
    """
    caller.require(Permission.WORK_CASES)
    seen = version_of(if_match)
    return changed(
        use_cases, await use_cases.cases.release(case_id, by=caller, seen=seen, key=key_of(request)), by=caller
    )


@post(
    ONE + "/reassignment",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=ReassignmentBody),
)
async def reassign_case(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Reassign a referral case.

    Gives it to another user for 8 hours, unless the operator set another time. It does not matter who holds it.
    """
    wanted = await body_of(request, caller, ReassignmentBody, Permission.REASSIGN_CASES)
    seen = version_of(if_match)
    result = await use_cases.cases.reassign(case_id, wanted.to, by=caller, seen=seen, key=key_of(request))
    return changed(use_cases, result, by=caller)


@post(ONE + "/lease", status_code=200, response_headers=[ETAG], responses=secured_problems(404, 409))
async def renew_lease(
    case_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[CaseResponse]:
    """Renew the lease of a referral case.

    For a caller who holds it and goes on working. It is no action, and changes no version.
    """
    case = await use_cases.cases.renew_lease(case_id, by=caller)
    return changed(use_cases, CaseResult(case), by=caller)


def _money(dollars: float | None) -> Money | None:
    return None if dollars is None else Money.of(dollars)


CASE_ROUTES = (
    list_cases,
    read_case,
    claim_next_case,
    claim_case,
    release_case,
    reassign_case,
    renew_lease,
    *INFORMATION_ROUTES,
    *RESOLUTION_ROUTES,
    *REVIEW_ROUTES,
)
