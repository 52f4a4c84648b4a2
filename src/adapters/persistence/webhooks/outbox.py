"""The outbox in PostgreSQL, timed by the database's clock."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, Select, Text, bindparam, delete, func, literal, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.batches.batch_tables import batches
from adapters.persistence.database.connections import transaction
from adapters.persistence.webhooks.event_messages import EXPIRY
from adapters.persistence.webhooks.webhook_tables import webhook_deliveries as messages
from adapters.persistence.webhooks.webhook_tables import webhook_subscriptions as subscriptions
from application.ports.webhooks.webhooks import Delivery, DeliveryNotFound, Outbox

_DELIVERY: tuple[Any, ...] = (
    messages.c.delivery_id,
    messages.c.batch_id,
    messages.c.recipient,
    messages.c.url,
    messages.c.event,
    func.coalesce(messages.c.body, ""),
    messages.c.created_at,
    messages.c.attempts,
    messages.c.last_fault,
    select(batches.c.traceparent).where(batches.c.batch_id == messages.c.batch_id).scalar_subquery(),
    messages.c.subscription_id,
    messages.c.subject,
    func.coalesce(
        select(subscriptions.c.failures)
        .where(subscriptions.c.subscription_id == messages.c.subscription_id)
        .scalar_subquery(),
        0,
    ),
)
_RECEIVER_IS_FREE = "lower(substring(url FROM '^[^:]+://([^/?#]*)')) <> ALL (:busy_receivers)"
"""It names `Delivery.receiver`."""
_LEASE = text(
    f"""
    WITH due AS MATERIALIZED (
        SELECT delivery_id, subscription_id FROM (
            SELECT first.delivery_id, subscription_id, owner AS recipient, first.next_attempt_at
            FROM webhook_subscriptions CROSS JOIN LATERAL (
                SELECT delivery_id, next_attempt_at FROM webhook_deliveries AS pending
                WHERE pending.subscription_id = webhook_subscriptions.subscription_id AND state = 'pending'
                    AND next_attempt_at <= now()
                ORDER BY next_attempt_at LIMIT 1
            ) AS first
            WHERE ended_at IS NULL AND coalesce(busy_until, '-infinity') <= now()
                AND {_RECEIVER_IS_FREE} AND owner <> ALL (:busy_recipients)
            UNION ALL (
                SELECT delivery_id, NULL, recipient, next_attempt_at FROM webhook_deliveries
                WHERE state = 'waiting' AND next_attempt_at <= now()
                    AND {_RECEIVER_IS_FREE} AND recipient <> ALL (:busy_recipients)
                ORDER BY recipient = ANY (:served), next_attempt_at LIMIT 1
            )
        ) AS candidates
        ORDER BY recipient = ANY (:served), next_attempt_at LIMIT 1
    ), subscription AS (
        UPDATE webhook_subscriptions SET busy_until = now() + :duration FROM due
        WHERE webhook_subscriptions.subscription_id = due.subscription_id AND ended_at IS NULL
            AND coalesce(busy_until, '-infinity') <= now()
        RETURNING webhook_subscriptions.subscription_id
    ), leased AS (
        UPDATE webhook_deliveries SET next_attempt_at = now() + :duration FROM due
        WHERE webhook_deliveries.delivery_id = due.delivery_id AND state IN ('waiting', 'pending')
            AND next_attempt_at <= now() AND (due.subscription_id IS NULL OR EXISTS (SELECT FROM subscription))
        RETURNING webhook_deliveries.delivery_id
    )
    SELECT due.delivery_id, leased.delivery_id FROM due LEFT JOIN leased ON true
    """  # noqa: S608 - our own text
).bindparams(
    bindparam("duration", type_=Interval()),
    *(bindparam(name, type_=ARRAY(Text)) for name in ("busy_receivers", "busy_recipients", "served")),
)
_ATTEMPTS_TO_LEASE = 3
"""Another worker may lease the message that was found."""


class PostgresOutbox(Outbox):
    """Several workers may deliver at the same time; the conditions of an update let one of them have a message.

    Recipients take turns, so that one with many messages delays the others by one message at most. The first due
    message of each subscription is found by index, however many wait behind it.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._served: set[str] = set()

    async def lease_next(
        self,
        *,
        duration: timedelta,
        busy_receivers: Collection[str] = (),
        busy_recipients: Collection[str] = (),
    ) -> Delivery | None:
        """The message due longest, of recipients not yet served in this round. Leasing postpones its due time."""
        for _ in range(_ATTEMPTS_TO_LEASE):
            given = {
                "duration": duration,
                "busy_receivers": list(busy_receivers),
                "busy_recipients": list(busy_recipients),
                "served": list(self._served),
            }
            async with transaction(self._engine) as connection:
                found = (await connection.execute(_LEASE, given)).one_or_none()
                if found is None:
                    return None
                query = select(*_DELIVERY).where(messages.c.delivery_id == found[1])
                row = (await connection.execute(query)).one_or_none()
            if row is not None:
                return self._took_turn(Delivery(*row))
        return None

    def _took_turn(self, delivery: Delivery) -> Delivery:
        if delivery.recipient in self._served:
            self._served.clear()
        self._served.add(delivery.recipient)
        return delivery

    async def mark_delivered(self, delivery_id: UUID) -> None:
        """Mark as delivered. A message about a batch is kept, one for a subscription deleted."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(subscriptions)
                .where(subscriptions.c.subscription_id.in_(_subscription_of(delivery_id)))
                .values(
                    busy_until=None, failures=0, failing_since=None, last_fault=None, last_delivered_at=func.now()
                )
            )
            await connection.execute(
                delete(messages).where(messages.c.delivery_id == delivery_id, messages.c.state == "pending")
            )
            await _change(
                connection, delivery_id, state="delivered", attempts=messages.c.attempts + 1, last_fault=None
            )

    async def mark_failed(
        self,
        delivery_id: UUID,
        reason: str,
        *,
        retry_in: timedelta | None,
        pause: timedelta | None = None,
    ) -> None:
        """Schedule the next attempt, or mark as dead if there is none; end the lease of the subscription."""
        changed: dict[str, object] = {"attempts": messages.c.attempts + 1, "last_fault": reason}
        changed |= {"state": "dead"} if retry_in is None else {"next_attempt_at": func.now() + retry_in}
        subscription: dict[str, object] = {"busy_until": None}
        if pause is not None:
            subscription = {
                "busy_until": func.now() + pause,
                "failures": subscriptions.c.failures + 1,
                "failing_since": func.coalesce(subscriptions.c.failing_since, func.now()),
                "last_fault": reason,
            }
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(subscriptions)
                .where(subscriptions.c.subscription_id.in_(_subscription_of(delivery_id)))
                .values(subscription)
            )
            await _change(connection, delivery_id, **changed)

    async def dead_letters(
        self,
        *,
        limit: int,
        after: UUID | None = None,
        recipient: str | None = None,
        of_batches: bool = False,
        subscription_id: UUID | None = None,
    ) -> Sequence[Delivery]:
        dead = select(*_DELIVERY).where(messages.c.state == "dead")
        if of_batches:
            dead = dead.where(messages.c.batch_id.is_not(None))
        if subscription_id is not None:
            dead = dead.where(messages.c.subscription_id == subscription_id)
        if recipient is not None:
            dead = dead.where(messages.c.recipient == recipient)
        place = messages.c.created_at, messages.c.delivery_id
        if after is not None:
            earlier = messages.alias()
            created_at = select(earlier.c.created_at).where(earlier.c.delivery_id == after).scalar_subquery()
            dead = dead.where(tuple_(*place) < tuple_(created_at, literal(after)))
        newest = dead.order_by(*(column.desc() for column in place)).limit(limit)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(newest)).all()
        return [Delivery(*row) for row in rows]

    async def requeue(self, delivery_id: UUID, *, recipient: str | None = None) -> None:
        query = (
            update(messages)
            .where(messages.c.delivery_id == delivery_id, messages.c.state == "dead")
            .values(
                state=text("CASE WHEN subscription_id IS NULL THEN 'waiting' ELSE 'pending' END"),
                attempts=0,
                next_attempt_at=func.now(),
                expires_at=text(f"CASE WHEN subscription_id IS NOT NULL THEN now() + {EXPIRY} END"),
            )
        )
        if recipient is not None:
            query = query.where(messages.c.recipient == recipient)
        async with transaction(self._engine) as connection:
            revived = await connection.execute(query)
        if revived.rowcount != 1:
            raise DeliveryNotFound(f"there is no undeliverable message {delivery_id}")


def _subscription_of(delivery_id: UUID) -> Select[tuple[UUID]]:
    """The subscription of a message that is not finished."""
    return select(messages.c.subscription_id).where(
        messages.c.delivery_id == delivery_id, messages.c.state == "pending"
    )


async def _change(connection: AsyncConnection, delivery_id: UUID, **values: object) -> None:
    """Change an unfinished message; one that another worker has finished meanwhile stays as it is."""
    unfinished = messages.c.state.in_(("waiting", "pending"))
    await connection.execute(
        update(messages).where(messages.c.delivery_id == delivery_id, unfinished).values(**values)
    )
