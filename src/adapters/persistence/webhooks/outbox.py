"""The outbox in PostgreSQL, timed by the database's clock."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.batches.batch_tables import batches
from adapters.persistence.database.connections import transaction
from adapters.persistence.webhooks.webhook_tables import webhook_deliveries as messages
from application.ports.webhooks.webhooks import Delivery, DeliveryNotFound, Outbox

_DELIVERY: tuple[Any, ...] = (
    messages.c.delivery_id,
    messages.c.batch_id,
    messages.c.recipient,
    messages.c.url,
    messages.c.event,
    messages.c.body,
    messages.c.created_at,
    messages.c.attempts,
    messages.c.last_fault,
    select(batches.c.traceparent).where(batches.c.batch_id == messages.c.batch_id).scalar_subquery(),
)
_RECEIVER = func.lower(func.substring(messages.c.url, "^[^:]+://([^/?#]*)"))
"""`Delivery.receiver`."""


class PostgresOutbox(Outbox):
    """Several workers may deliver at the same time; they skip each other's rows.

    Recipients take turns, so that one with many messages delays the others by one message at most.
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
        due = (
            select(messages.c.delivery_id)
            .where(
                messages.c.state == "waiting",
                messages.c.next_attempt_at <= func.now(),
                _RECEIVER.not_in(busy_receivers),
                messages.c.recipient.not_in(busy_recipients),
            )
            .order_by(messages.c.recipient.in_(self._served), messages.c.next_attempt_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        query = (
            update(messages)
            .where(messages.c.delivery_id == due)
            .values(next_attempt_at=func.now() + duration)
            .returning(*_DELIVERY)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        delivery = Delivery(*row)
        if delivery.recipient in self._served:
            self._served.clear()
        self._served.add(delivery.recipient)
        return delivery

    async def mark_delivered(self, delivery_id: UUID) -> None:
        """Mark as delivered; the row is kept."""
        await self._change(delivery_id, state="delivered", attempts=messages.c.attempts + 1, last_fault=None)

    async def mark_failed(self, delivery_id: UUID, reason: str, *, retry_in: timedelta | None) -> None:
        """Schedule the next attempt, or mark as dead if there is none."""
        query = {"attempts": messages.c.attempts + 1, "last_fault": reason}
        if retry_in is None:
            await self._change(delivery_id, state="dead", **query)
        else:
            await self._change(delivery_id, next_attempt_at=func.now() + retry_in, **query)

    async def dead_letters(
        self, *, limit: int, after: UUID | None = None, recipient: str | None = None
    ) -> Sequence[Delivery]:
        dead = select(*_DELIVERY).where(messages.c.state == "dead")
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
            .values(state="waiting", attempts=0, next_attempt_at=func.now())
        )
        if recipient is not None:
            query = query.where(messages.c.recipient == recipient)
        async with transaction(self._engine) as connection:
            revived = await connection.execute(query)
        if revived.rowcount != 1:
            raise DeliveryNotFound(f"there is no undeliverable message {delivery_id}")

    async def _change(self, delivery_id: UUID, **values: object) -> None:
        """Change a waiting message; one that another worker has finished meanwhile stays as it is."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(messages)
                .where(messages.c.delivery_id == delivery_id, messages.c.state == "waiting")
                .values(**values)
            )
