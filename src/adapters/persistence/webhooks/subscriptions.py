"""Subscriptions in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.database.connections import transaction
from adapters.persistence.webhooks.event_messages import EXPIRY
from adapters.persistence.webhooks.webhook_tables import webhook_deliveries as messages
from adapters.persistence.webhooks.webhook_tables import webhook_subscriptions as subscriptions
from application.ports.webhooks.subscriptions import (
    SubscriptionNotFound,
    TooManySubscriptions,
    WebhookSubscriptions,
)
from domain.audit.event import RecordedEvent
from domain.webhooks.event import TEST, WebhookEvent
from domain.webhooks.subscription import Subscription, SubscriptionState

_columns = subscriptions.c
_SUBSCRIPTION = (_columns.subscription_id, _columns.owner, _columns.url, _columns.events, _columns.created_at)
_LOCK = 1_905_310_282
"""With the hash of the owner's name, the advisory lock under which subscriptions are counted and added."""
_EXPIRY = text(EXPIRY)
_KEEP_UNDELIVERED = text("interval '30 days'")


def _number_in(state: str) -> ScalarSelect[int]:
    found = select(func.count()).where(
        messages.c.subscription_id == _columns.subscription_id, messages.c.state == state
    )
    return found.scalar_subquery()


class PostgresWebhookSubscriptions(WebhookSubscriptions):
    """Changes are recorded on the chain of `events`, or on a new one."""

    def __init__(self, engine: AsyncEngine, events: EventChain | None = None) -> None:
        self._engine = engine
        self._events = events or EventChain()

    async def add(self, subscription: Subscription, *, most: int, event: RecordedEvent) -> Subscription:
        owner, names = subscription.owner, [each.value for each in subscription.events]
        own = select(*_SUBSCRIPTION).where(_columns.owner == owner, _columns.ended_at.is_(None))
        row = {
            "subscription_id": subscription.subscription_id,
            "owner": owner,
            "url": subscription.url,
            "events": names,
            "created_at": subscription.created_at,
        }
        async with transaction(self._engine) as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(owner))))
            found = [_subscription(each) for each in await connection.execute(own)]
            for each in found:
                if (each.url, each.events) == (subscription.url, subscription.events):
                    return each
            if len(found) >= most:
                raise TooManySubscriptions(f"{owner} has {len(found)} subscriptions, and may have {most}: end one")
            await connection.execute(insert(subscriptions).values(row))
            await self._events.append(connection, event)
        return subscription

    async def active(self, owner: str | None = None) -> Sequence[SubscriptionState]:
        query = select(
            *_SUBSCRIPTION,
            _columns.last_delivered_at,
            _columns.failing_since,
            _columns.last_fault,
            _number_in("pending"),
            _number_in("dead"),
        ).where(_columns.ended_at.is_(None))
        if owner is not None:
            query = query.where(_columns.owner == owner)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query.order_by(_columns.created_at, _columns.subscription_id))).all()
        return [SubscriptionState(_subscription(row), *row[len(_SUBSCRIPTION) :]) for row in rows]

    async def end(
        self, subscription_id: UUID, *, at: datetime, event: RecordedEvent, owner: str | None = None
    ) -> None:
        async with transaction(self._engine) as connection:
            ended = update(subscriptions).where(_is(subscription_id, owner)).values(ended_at=at)
            if (await connection.execute(ended)).rowcount != 1:
                raise _not_found(subscription_id)
            await connection.execute(delete(messages).where(messages.c.subscription_id == subscription_id))
            await self._events.append(connection, event)

    async def send_test(
        self, subscription_id: UUID, delivery_id: UUID, *, at: datetime, owner: str | None = None
    ) -> None:
        async with transaction(self._engine) as connection:
            found = await _find(connection, subscription_id, owner)
            await _end_pause(connection, subscription_id)
            row = {
                "delivery_id": delivery_id,
                "subscription_id": subscription_id,
                "recipient": found.owner,
                "url": found.url,
                "event": TEST,
                "subject": subscription_id,
                "created_at": at,
                "state": "pending",
                "attempts": 0,
                "next_attempt_at": select(func.coalesce(func.min(messages.c.next_attempt_at), func.now()))
                .where(messages.c.subscription_id == subscription_id, messages.c.state == "pending")
                .scalar_subquery(),
                "expires_at": func.now() + _EXPIRY,
            }
            await connection.execute(insert(messages).values(row))

    async def retry(self, subscription_id: UUID, *, event: RecordedEvent, owner: str | None = None) -> int:
        async with transaction(self._engine) as connection:
            await _find(connection, subscription_id, owner)
            await _end_pause(connection, subscription_id)
            requeued = await connection.execute(
                update(messages)
                .where(messages.c.subscription_id == subscription_id, messages.c.state == "dead")
                .values(state="pending", attempts=0, next_attempt_at=func.now(), expires_at=func.now() + _EXPIRY)
            )
            await self._events.append(connection, event)
        return requeued.rowcount

    async def purge(self) -> int:
        of_ended = select(_columns.subscription_id).where(_columns.ended_at.is_not(None))
        expired = messages.c.expires_at <= func.now()
        old = (messages.c.state == "dead") & (messages.c.expires_at <= func.now() - _KEEP_UNDELIVERED)
        async with transaction(self._engine) as connection:
            given_up = await connection.execute(
                update(messages)
                .where(expired, messages.c.state == "pending")
                .values(state="dead", last_fault=func.coalesce(messages.c.last_fault, "it waited for three days"))
            )
            await connection.execute(
                delete(messages).where(
                    messages.c.subscription_id.is_not(None), or_(messages.c.subscription_id.in_(of_ended), old)
                )
            )
        return given_up.rowcount


async def end_subscriptions(connection: AsyncConnection, owner: str) -> None:
    """End the subscriptions of a user who is removed or is no service any more; `purge` deletes their messages."""
    ended = update(subscriptions).where(_columns.owner == owner, _columns.ended_at.is_(None))
    await connection.execute(ended.values(ended_at=func.now()))


async def _end_pause(connection: AsyncConnection, subscription_id: UUID) -> None:
    failing = update(subscriptions).where(_columns.subscription_id == subscription_id, _columns.failures > 0)
    await connection.execute(failing.values(busy_until=None))


async def _find(connection: AsyncConnection, subscription_id: UUID, owner: str | None) -> Subscription:
    query = select(*_SUBSCRIPTION).where(_is(subscription_id, owner)).with_for_update(key_share=True)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise _not_found(subscription_id)
    return _subscription(row)


def _is(subscription_id: UUID, owner: str | None) -> ColumnElement[bool]:
    active = (_columns.subscription_id == subscription_id) & _columns.ended_at.is_(None)
    return active if owner is None else active & (_columns.owner == owner)


def _not_found(subscription_id: UUID) -> SubscriptionNotFound:
    return SubscriptionNotFound(f"there is no active subscription {subscription_id}")


def _subscription(row: Any) -> Subscription:
    events = tuple(event for event in WebhookEvent if event.value in row.events)  # a newer release may have others
    return Subscription(row.subscription_id, row.owner, row.url, events, row.created_at)
