"""Recorded decisions: lists, single decisions, reproductions and counterfactuals."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from application.catalog import UseCases
from application.ports.decisions.decision_archive import DecisionFilter, DecisionSort, FinalOutcomeFilter
from domain.access.user import Actor
from domain.policies.outcome import Outcome
from entrypoints.api.decisions.loan_application_body import LoanApplicationBody
from entrypoints.api.decisions.presenters import (
    counterfactual_response,
    decision_list,
    reproduction_response,
)
from entrypoints.api.decisions.reading import present_decision
from entrypoints.api.decisions.schemas import (
    CounterfactualResponse,
    DecisionList,
    DecisionResponse,
    RecordedDecision,
    ReproductionResponse,
)
from entrypoints.api.http.declarations import read, secured_problems
from entrypoints.api.http.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER
from entrypoints.api.http.pagination import CURSOR, DEFAULT_LIMIT, LIMIT, LINK, link_to_next
from entrypoints.api.http.query import Moment, Range, check_query, in_utc, moment, text

PATH = "/api/v1/decisions"
_LARGEST_AMOUNT = 1e15
"""Above any amount, and below infinity."""
_AMOUNT = QueryParameter(
    description="the requested amount in dollars, 0 or more", ge=0, le=_LARGEST_AMOUNT, schema_extra={"minimum": 0}
)


def describe_prediction(invalid_application: Mapping[str, Any]) -> HTTPRouteHandler:
    """The handler that only describes the route; `predictions.py` bypasses Litestar's routing."""

    @post(
        "/api/v1/predictions",
        status_code=200,
        response_headers=[REPLAYED_HEADER],
        responses=secured_problems(405, 408, 409, 413, 415, 422, examples={422: invalid_application}),
    )
    async def predict(
        data: JSONBody[LoanApplicationBody], key_header: Annotated[str | None, IDEMPOTENCY_KEY] = None
    ) -> DecisionResponse:
        """Decide on a loan application."""
        raise NotImplementedError("this route is only described here: predictions.py answers it")

    return predict


@read(PATH + "/{decision_id:uuid}", responses=secured_problems(404, 409))
async def read_decision(
    decision_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> RecordedDecision:
    """Read a decision."""
    return await present_decision(use_cases, decision_id, by=caller)


@read(PATH + "/{decision_id:uuid}/reproduction", responses=secured_problems(404, 409))
async def reproduce_decision(
    decision_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> ReproductionResponse:
    """Reproduce a decision.

    Decides again with the model and policy that made the decision, and compares bit for bit.
    """
    return reproduction_response(await use_cases.reproduce(decision_id, by=caller))


@read(PATH + "/{decision_id:uuid}/counterfactual", responses=secured_problems(404, 409))
async def find_counterfactual(
    decision_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> CounterfactualResponse:
    """Find what would have led to approval.

    The smallest changes to the application that the model and policy of the decision would approve.
    """
    explanation = await use_cases.find_counterfactual(decision_id, by=caller)
    return counterfactual_response(explanation, await use_cases.read_product_of(explanation.record))


@read(
    PATH,
    response_headers=[LINK],
    ranges=(
        Range("since", "until", "before", "later"),
        Range("minimum_amount", "maximum_amount", "below", "more"),
    ),
    responses=secured_problems(),
)
async def list_decisions(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    outcome: Annotated[
        Outcome | None, QueryParameter(description="one of " + ", ".join(outcome.value for outcome in Outcome))
    ] = None,
    final_outcome: Annotated[
        FinalOutcomeFilter | None,
        QueryParameter(
            description="a person's outcome if a person decided, else the system's: one of "
            + ", ".join(FinalOutcomeFilter)
        ),
    ] = None,
    since: Annotated[Moment | None, moment("inclusive")] = None,
    until: Annotated[Moment | None, moment("exclusive")] = None,
    minimum_amount: Annotated[float | None, _AMOUNT] = None,
    maximum_amount: Annotated[float | None, _AMOUNT] = None,
    grade: Annotated[str | None, text("the grade")] = None,
    requested_by: Annotated[str | None, text("the name of the user who requested the decision")] = None,
    text: Annotated[
        str | None,
        text("the start of the identifier or of a reference, or part of the requester's name or of the purpose"),
    ] = None,
    application_reference: Annotated[str | None, text("the caller's reference of the application")] = None,
    applicant_reference: Annotated[str | None, text("the caller's reference of the applicant")] = None,
    source: Annotated[str | None, text("the caller's system")] = None,
    channel: Annotated[str | None, text("the caller's channel")] = None,
    received_through: Annotated[str | None, text("api, web, file or batch")] = None,
    model_version: Annotated[str | None, text("the version of the model")] = None,
    policy_version: Annotated[str | None, text("the version of the policy")] = None,
    trial: Annotated[
        bool | None, QueryParameter(description="true for trial runs alone, false for all other decisions")
    ] = None,
    sort: Annotated[
        DecisionSort | None,
        QueryParameter(
            description="one of " + ", ".join(sort.value for sort in DecisionSort) + "; newest unless given"
        ),
    ] = None,
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, CURSOR] = None,
) -> Response[DecisionList]:
    """List decisions.

    Decisions that match every filter, newest first unless sorted otherwise. The cursor is for one order.
    """
    check_query(request)
    wanted = DecisionFilter(
        outcome=outcome,
        final_outcome=final_outcome,
        since=in_utc(since),
        until=in_utc(until),
        minimum_amount=minimum_amount,
        maximum_amount=maximum_amount,
        grade=grade,
        requested_by=requested_by,
        text=text,
        application_reference=application_reference,
        applicant_reference=applicant_reference,
        source=source,
        channel=channel,
        received_through=received_through,
        model_version=model_version,
        policy_version=policy_version,
        trial=trial,
        sort=sort or DecisionSort.NEWEST,
    )
    page = await use_cases.list_decisions(wanted, by=caller, limit=limit, cursor=cursor)
    products = await use_cases.read_product_of.for_each(page.records)
    successors = await use_cases.applications.successors([each.decision_id for each in page.records], by=caller)
    return Response(
        decision_list(page, products, caller, successors),
        headers=link_to_next(request, page.next_cursor),
    )


DECISION_ROUTES = (read_decision, reproduce_decision, find_counterfactual, list_decisions)
