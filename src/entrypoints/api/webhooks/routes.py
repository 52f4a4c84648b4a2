"""Webhooks: the secret that signs them, and those that were not delivered."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from application.catalog import UseCases
from domain.access.user import Actor
from entrypoints.api.http.declarations import read, secured_problems
from entrypoints.api.http.pagination import LIMIT, LINK, MAX_PAGE_SIZE, link_to_next
from entrypoints.api.http.query import check_query
from entrypoints.api.webhooks.presenters import dead_letter_list
from entrypoints.api.webhooks.schemas import DeadLetterList, WebhookSecret
from entrypoints.api.webhooks.subscription_routes import SUBSCRIPTION_ROUTES

_WEBHOOKS = "/api/v1/webhooks"
_CURSOR = QueryParameter(description="next_cursor of the previous page")


@read(_WEBHOOKS + "/secret", responses=secured_problems())
async def read_webhook_secret(
    use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> WebhookSecret:
    """Read the caller's webhook secret."""
    return WebhookSecret(await use_cases.webhooks.secret(by=caller))


@read(_WEBHOOKS + "/dead-letters", response_headers=[LINK], responses=secured_problems())
async def list_dead_letters(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    limit: Annotated[int, LIMIT] = MAX_PAGE_SIZE,
    cursor: Annotated[UUID | None, _CURSOR] = None,
) -> Response[DeadLetterList]:
    """List undelivered webhooks.

    Webhooks about batches that were given up after the last attempt, newest first. `scoring webhooks retry` sends
    one again.
    """
    check_query(request)
    found = await use_cases.webhooks.dead_letters(by=caller, limit=limit + 1, after=cursor, of_batches=True)
    page = dead_letter_list(found, limit)
    return Response(page, headers=link_to_next(request, page.next_cursor))


WEBHOOK_ROUTES = (read_webhook_secret, list_dead_letters, *SUBSCRIPTION_ROUTES)
