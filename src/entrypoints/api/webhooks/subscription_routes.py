"""Subscriptions of callers to events of their own applications."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from application.catalog import UseCases
from domain.access.user import Actor, Permission
from domain.webhooks.subscription import SubscriptionState
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.json_body import read_struct
from entrypoints.api.http.pagination import LIMIT, LINK, MAX_PAGE_SIZE, link_to_next
from entrypoints.api.http.query import check_query
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.responses import JSON
from entrypoints.api.webhooks.presenters import subscription_response, undelivered_list
from entrypoints.api.webhooks.schemas import (
    NewSubscription,
    QueuedEvent,
    RetriedMessages,
    SubscriptionList,
    SubscriptionResponse,
    UndeliveredList,
)

PATH = "/api/v1/webhook-subscriptions"
_ONE = PATH + "/{subscription_id:uuid}"
LARGEST_BODY = 8 * 1024
_CURSOR = QueryParameter(description="next_cursor of the previous page")


@post(
    PATH,
    status_code=201,
    response_headers=[
        ResponseHeader(name="Location", documentation_only=True, description="The path of the subscription.")
    ],
    responses=secured_problems(408, 409, 413, 415, 422),
    operation_class=request_body(JSON, form=NewSubscription),
)
async def subscribe(
    request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[SubscriptionResponse]:
    """Subscribe to events.

    Each event of the caller's own applications is posted to the URL, signed as the API guide describes. Repeating
    the request is safe: it returns the same subscription.
    """
    caller.require(Permission.MANAGE_WEBHOOKS)
    headers: Mapping[bytes, bytes] = dict(request.scope["headers"])
    body = await read_body(request.receive, headers, limit=LARGEST_BODY)
    if body:
        require_media_type(JSON, headers)
    wanted = read_struct(body, NewSubscription)
    made = await use_cases.webhooks.subscribe(wanted.url, wanted.events, by=caller)
    response = subscription_response(SubscriptionState(made))
    return Response(response, headers={"Location": f"{PATH}/{made.subscription_id}"})


@read(PATH, responses=secured_problems())
async def list_subscriptions(
    use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> SubscriptionList:
    """List subscriptions.

    The caller's active ones, oldest first, with the state of their deliveries.
    """
    return SubscriptionList(
        [subscription_response(each) for each in await use_cases.webhooks.subscriptions(by=caller)]
    )


@delete(_ONE, status_code=204, responses=secured_problems(404))
async def end_subscription(
    subscription_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> None:
    """End a subscription.

    Messages that are not delivered yet are not sent any more.
    """
    await use_cases.webhooks.end(subscription_id, by=caller)


@post(_ONE + "/test", status_code=202, responses=secured_problems(404))
async def send_test_event(
    subscription_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> QueuedEvent:
    """Send a test event.

    The event `webhook.test`, whose data is the subscription, goes out before other events.
    """
    return QueuedEvent(await use_cases.webhooks.send_test(subscription_id, by=caller))


@read(_ONE + "/undelivered", response_headers=[LINK], responses=secured_problems(404))
async def list_undelivered(
    *,
    request: Request[Any, Any, Any],
    subscription_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    limit: Annotated[int, LIMIT] = MAX_PAGE_SIZE,
    cursor: Annotated[UUID | None, _CURSOR] = None,
) -> Response[UndeliveredList]:
    """List undelivered messages.

    Messages for a subscription that were given up, newest first.
    """
    check_query(request)
    found = await use_cases.webhooks.undelivered(subscription_id, by=caller, limit=limit + 1, after=cursor)
    page = undelivered_list(found, limit)
    return Response(page, headers=link_to_next(request, page.next_cursor))


@post(_ONE + "/retry", status_code=202, responses=secured_problems(404))
async def retry_undelivered(
    subscription_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> RetriedMessages:
    """Send undelivered messages again.

    All messages for a subscription that were given up.
    """
    return RetriedMessages(await use_cases.webhooks.retry(subscription_id, by=caller))


SUBSCRIPTION_ROUTES = (
    subscribe,
    list_subscriptions,
    end_subscription,
    send_test_event,
    list_undelivered,
    retry_undelivered,
)
