"""GET /api/v1/decisions and /api/v1/decisions/{decision_id}: decisions on record."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, route
from litestar.di import NamedDependency
from litestar.params import FromPath

from application.catalog import UseCases
from domain.access.user import Actor
from entrypoints.api.decisions.decision_query import read_query
from entrypoints.api.decisions.presenters import (
    counterfactual_response,
    decision_list,
    recorded_decision,
    reproduction_response,
)
from entrypoints.api.http.responses import PRIVATE, READING, reply

PATH = "/api/v1/decisions"


@route(PATH + "/{decision_id:uuid}", http_method=READING)
async def read_decision(
    decision_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """One decision on record."""
    return reply(recorded_decision(await use_cases.read_decision(decision_id, by=caller), caller))


@route(PATH + "/{decision_id:uuid}/reproduction", http_method=READING)
async def reproduce_decision(
    decision_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """One decision made again."""
    return reply(reproduction_response(await use_cases.reproduce(decision_id, by=caller)))


@route(PATH + "/{decision_id:uuid}/counterfactual", http_method=READING)
async def find_counterfactual(
    decision_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """What would have changed one decision."""
    return reply(counterfactual_response(await use_cases.find_counterfactual(decision_id, by=caller)))


@route(PATH, http_method=READING)
async def list_decisions(
    request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """A page of decisions, newest first."""
    query = read_query(request.scope["query_string"])
    page = await use_cases.list_decisions(query.wanted, by=caller, limit=query.limit, cursor=query.cursor)
    headers = dict(PRIVATE)
    if page.next_cursor is not None:
        headers["Link"] = f'<{query.next_page(PATH, page.next_cursor)}>; rel="next"'
    return reply(decision_list(page, caller), headers=headers)
