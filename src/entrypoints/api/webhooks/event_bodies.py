"""The bodies of webhooks about events, made from what the API shows their recipient."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from application.catalog import UseCases
from application.ports.cases.cases import CaseUnreadable
from application.ports.notices.notices import NoticeNotFound, NoticeUnreadable
from application.ports.outcomes.loan_outcomes import LoanUnreadable
from application.ports.webhooks.webhooks import Delivery, EventBodies, EventUnreadable
from application.use_cases.applications.read_applications import ApplicationNotFound
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable
from domain.access.user import Actor, Role
from domain.outcomes.loan import LoanRuleViolation
from domain.webhooks.event import TEST, WebhookEvent
from entrypoints.api.applications.presenters import application_summary
from entrypoints.api.decisions.reading import present_decision
from entrypoints.api.http.responses import json_bytes
from entrypoints.api.notices.presenters import notice_detail
from entrypoints.api.outcomes.presenters import loan_response
from entrypoints.api.webhooks.presenters import subscription_response

_UNREADABLE = (
    ApplicationNotFound,
    CaseUnreadable,
    DecisionNotFound,
    DecisionUnreadable,
    LoanRuleViolation,
    LoanUnreadable,
    NoticeNotFound,
    NoticeUnreadable,
)


class EventMessage(Struct, frozen=True):
    """The body of a webhook about an event: `data` is what the API returns on its subject."""

    delivery_id: UUID
    event: str
    occurred_at: datetime
    data: Any


class ApiEventBodies(EventBodies):
    """Reads the subject as its recipient, a service, at the time of each attempt.

    So messages in the outbox hold no personal data, and nobody gets what they may not read any more. `use_cases`
    returns the use cases, which are made for the first event.
    """

    def __init__(self, use_cases: Callable[[], UseCases]) -> None:
        self._use_cases = use_cases

    async def body_of(self, delivery: Delivery) -> str:
        read = _READERS.get(delivery.event)
        if read is None or delivery.subject is None:
            raise EventUnreadable(f"this release does not know the event {delivery.event}")
        try:
            data = await read(self._use_cases(), delivery.subject, Actor(delivery.recipient, Role.SERVICE))
        except _UNREADABLE as fault:
            raise EventUnreadable(f"the subject of the event cannot be read: {fault}") from fault
        message = EventMessage(delivery.delivery_id, delivery.event, delivery.created_at, data)
        return json_bytes(message).decode()


async def _decision(use_cases: UseCases, subject: UUID, by: Actor) -> Any:
    return await present_decision(use_cases, subject, by=by)


async def _application(use_cases: UseCases, subject: UUID, by: Actor) -> Any:
    return application_summary(await use_cases.applications.find(subject, by=by))


async def _notice(use_cases: UseCases, subject: UUID, by: Actor) -> Any:
    return notice_detail(await use_cases.notices.read_notice(subject, by=by), use_cases.clock.now())


async def _loan(use_cases: UseCases, subject: UUID, by: Actor) -> Any:
    return loan_response(await use_cases.outcomes.read(subject, by=by))


async def _subscription(use_cases: UseCases, subject: UUID, by: Actor) -> Any:
    for state in await use_cases.webhooks.subscriptions(by=by):
        if state.subscription.subscription_id == subject:
            return subscription_response(state)
    raise EventUnreadable("the subscription has ended")


_READERS: Mapping[str, Callable[[UseCases, UUID, Actor], Awaitable[Any]]] = {
    TEST: _subscription,
    WebhookEvent.DECISION_RECORDED: _decision,
    WebhookEvent.DECISION_SUPERSEDED: _application,
    WebhookEvent.CASE_RESOLVED: _decision,
    WebhookEvent.NOTICE_DUE: _notice,
    WebhookEvent.NOTICE_ISSUED: _notice,
    WebhookEvent.LOAN_OUTCOME_RECORDED: _loan,
}
"""What reads the data of each event."""
