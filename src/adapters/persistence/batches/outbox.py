"""The outbox in PostgreSQL, timed by the database's clock."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.batches.batch_tables import webhook_deliveries as messages
from adapters.persistence.database.connections import transaction
from application.ports.batches.webhooks import Delivery, DeliveryNotFound, Outbox

_DELIVERY = (
    messages.c.delivery_id,
    messages.c.batch_id,
    messages.c.recipient,
    messages.c.url,
    messages.c.event,
    messages.c.body,
    messages.c.created_at,
    messages.c.attempts,
    messages.c.last_fault,
)


class PostgresOutbox(Outbox):
    """Several workers may deliver: those that look at the same time pass one another by.

    Each serves recipients in turn: one with many messages, to an address that responds slowly, holds up the others
    for one message at a time.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._served: set[str] = set()

    async def lease_next(self, *, duration: timedelta) -> Delivery | None:
        """Of the recipients who were not served in this round, the message that has been due for longest.

        While it is held it is due later.
        """
        due = (
            select(messages.c.delivery_id)
            .where(messages.c.state == "waiting", messages.c.next_attempt_at <= func.now())
            .order_by(messages.c.recipient.in_(self._served), messages.c.next_attempt_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        held = (
            update(messages)
            .where(messages.c.delivery_id == due)
            .values(next_attempt_at=func.now() + duration)
            .returning(*_DELIVERY)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(held)).one_or_none()
        if row is None:
            return None
        delivery = Delivery(*row)
        if delivery.recipient in self._served:
            self._served.clear()
        self._served.add(delivery.recipient)
        return delivery

    async def mark_delivered(self, delivery_id: UUID) -> None:
        """It stays, as what was told."""
        await self._change(delivery_id, state="delivered", attempts=messages.c.attempts + 1, last_fault=None)

    async def mark_failed(self, delivery_id: UUID, reason: str, *, retry_in: timedelta | None) -> None:
        """Due again after a while, or never."""
        counted = {"attempts": messages.c.attempts + 1, "last_fault": reason}
        if retry_in is None:
            await self._change(delivery_id, state="dead", **counted)
        else:
            await self._change(delivery_id, next_attempt_at=func.now() + retry_in, **counted)

    async def pending_count(self) -> int:
        """Counted along the index of those that wait."""
        counted = select(func.count()).select_from(messages).where(messages.c.state == "waiting")
        async with transaction(self._engine) as connection:
            return int((await connection.execute(counted)).scalar_one())

    async def dead_letters(self, *, limit: int, recipient: str | None = None) -> Sequence[Delivery]:
        """The newest first."""
        dead = select(*_DELIVERY).where(messages.c.state == "dead")
        if recipient is not None:
            dead = dead.where(messages.c.recipient == recipient)
        newest = dead.order_by(messages.c.created_at.desc(), messages.c.delivery_id).limit(limit)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(newest)).all()
        return [Delivery(*row) for row in rows]

    async def requeue(self, delivery_id: UUID, *, recipient: str | None = None) -> None:
        """Due at once."""
        again = (
            update(messages)
            .where(messages.c.delivery_id == delivery_id, messages.c.state == "dead")
            .values(state="waiting", attempts=0, next_attempt_at=func.now())
        )
        if recipient is not None:
            again = again.where(messages.c.recipient == recipient)
        async with transaction(self._engine) as connection:
            revived = await connection.execute(again)
        if revived.rowcount != 1:
            raise DeliveryNotFound(f"there is no dead letter {delivery_id}")

    async def _change(self, delivery_id: UUID, **values: object) -> None:
        """Of one that was told, or given up, meanwhile by another worker nothing is changed."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(messages)
                .where(messages.c.delivery_id == delivery_id, messages.c.state == "waiting")
                .values(**values)
            )
