"""Resolutions of referral cases, second approvals, counter-offers and conditions."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from application.catalog import UseCases
from domain.access.user import Actor, Permission
from domain.applications.money import Money
from domain.cases.proposal import WantedResolution
from domain.cases.resolution import ConditionState, DocumentPointer
from domain.policies.final_outcome import FinalOutcome
from entrypoints.api.cases.requests import (
    ETAG,
    IF_MATCH,
    ONE,
    WITH_BODY,
    body_of,
    changed,
    key_of,
    version_of,
)
from entrypoints.api.cases.resolution_presenters import outcome_authority
from entrypoints.api.cases.resolution_schemas import (
    ConditionBody,
    OutcomeAuthority,
    ResolutionBody,
    SecondApprovalBody,
)
from entrypoints.api.cases.schemas import CaseResponse
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER
from entrypoints.api.http.responses import JSON


@post(
    ONE + "/resolution",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=ResolutionBody),
)
async def resolve_case(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - describes it; repeated ones count
) -> Response[CaseResponse]:
    """Resolve a referral case.

    The case is then resolved, or awaits a second approval: for every low-side override, for lending what was
    declined, and above the caller's authority. A counter-offer must be a loan that the policy of the decision
    approves, which computes its rate. `authority` of the case says all this before.
    """
    body = await body_of(request, caller, ResolutionBody)
    wanted = WantedResolution(
        outcome=FinalOutcome(body.outcome),
        reason=body.reason,
        text=body.text,
        amount=None if body.amount is None else Money.of(body.amount),
        term=body.term,
        documents=tuple([DocumentPointer(each.type, each.date, each.sha256) for each in body.documents]),
        conditions=tuple(body.conditions),
    )
    seen = version_of(if_match)
    result = await use_cases.cases.resolve(case_id, wanted, by=caller, seen=seen, key=key_of(request))
    return changed(use_cases, result, by=caller)


@post(
    ONE + "/second-approval",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=SecondApprovalBody),
)
async def give_second_approval(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Agree with a proposed resolution, or refuse it.

    By a person who made no proposal on this case, within whose authority the loan is, and who holds the case.
    """
    body = await body_of(request, caller, SecondApprovalBody, Permission.GIVE_SECOND_APPROVALS)
    seen = version_of(if_match)
    result = await use_cases.cases.second_approval(
        case_id, by=caller, seen=seen, approve=body.approve, text=body.text, key=key_of(request)
    )
    return changed(use_cases, result, by=caller)


@post(
    ONE + "/conditions/{number:int}",
    status_code=200,
    response_headers=[ETAG, REPLAYED_HEADER],
    responses=secured_problems(*WITH_BODY),
    operation_class=request_body(JSON, form=ConditionBody),
)
async def change_condition(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    number: FromPath[int],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, IF_MATCH] = None,
    key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None,  # noqa: ARG001 - as above
) -> Response[CaseResponse]:
    """Record that a condition of a resolution was met, or waive it for a reason."""
    body = await body_of(request, caller, ConditionBody)
    seen, state = version_of(if_match), ConditionState(body.state)
    result = await use_cases.cases.change_condition(
        case_id, number, state, body.reason, by=caller, seen=seen, key=key_of(request)
    )
    return changed(use_cases, result, by=caller)


@read(ONE + "/counter-offer", responses=secured_problems(404, 409, 422))
async def preview_counter_offer(
    *,
    case_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    amount: Annotated[float, QueryParameter(description="dollars", gt=0, le=1e9)],
    term: Annotated[int, QueryParameter(description="months", ge=1, le=1200)],
) -> OutcomeAuthority:
    """Compute a counter-offer, by the policy and model of the decision.

    With the caller's authority for it. Nothing is proposed. A loan that the policy does not approve is refused,
    with the largest that it does.
    """
    offered = await use_cases.cases.preview_offer(case_id, Money.of(amount), term, by=caller)
    return outcome_authority(offered)


RESOLUTION_ROUTES = (resolve_case, give_second_approval, change_condition, preview_counter_offer)
