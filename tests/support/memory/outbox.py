"""An outbox in memory."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from application.ports.webhooks.webhooks import Delivery, DeliveryNotFound, EventBodies, Outbox


class NoEventBodies(EventBodies):
    """For messages that have their body."""

    async def body_of(self, delivery: Delivery) -> str:
        raise AssertionError("the message has no body")


@dataclass(slots=True)
class _Kept:
    delivery: Delivery
    due: float
    state: str = "waiting"


class MemoryOutbox(Outbox):
    """Messages in the order in which they were added."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[UUID, _Kept] = {}
        self._served: set[str] = set()

    def put(self, delivery: Delivery) -> None:
        self._kept[delivery.delivery_id] = _Kept(delivery, self._now())

    def number_for(self, subscription_id: UUID, state: str) -> int:
        return sum(
            kept.delivery.subscription_id == subscription_id and kept.state == state
            for kept in self._kept.values()
        )

    def drop(self, subscription_id: UUID) -> None:
        kept = self._kept.items()
        self._kept = {key: each for key, each in kept if each.delivery.subscription_id != subscription_id}

    async def lease_next(
        self,
        *,
        duration: timedelta,
        busy_receivers: Collection[str] = (),
        busy_recipients: Collection[str] = (),
    ) -> Delivery | None:
        """The message due for longest among recipients not yet served in this round."""
        due = [
            kept
            for kept in self._kept.values()
            if kept.state == "waiting"
            and kept.due <= self._now()
            and kept.delivery.receiver not in busy_receivers
            and kept.delivery.recipient not in busy_recipients
        ]
        if not due:
            return None
        first = min(due, key=lambda kept: (kept.delivery.recipient in self._served, kept.due))
        if first.delivery.recipient in self._served:
            self._served.clear()
        self._served.add(first.delivery.recipient)
        first.due = self._now() + duration.total_seconds()
        return first.delivery

    async def mark_delivered(self, delivery_id: UUID) -> None:
        kept = self._kept[delivery_id]
        if kept.state != "waiting":
            return
        kept.state = "delivered"
        kept.delivery = replace(kept.delivery, attempts=kept.delivery.attempts + 1, last_fault=None)

    async def mark_failed(
        self,
        delivery_id: UUID,
        reason: str,
        *,
        retry_in: timedelta | None,
        pause: timedelta | None = None,
    ) -> None:
        kept = self._kept[delivery_id]
        if kept.state != "waiting":
            return
        kept.delivery = replace(kept.delivery, attempts=kept.delivery.attempts + 1, last_fault=reason)
        if retry_in is None:
            kept.state = "dead"
        else:
            kept.due = self._now() + retry_in.total_seconds()

    async def dead_letters(
        self,
        *,
        limit: int,
        after: UUID | None = None,
        recipient: str | None = None,
        of_batches: bool = False,
        subscription_id: UUID | None = None,
    ) -> Sequence[Delivery]:
        dead = [
            kept.delivery
            for kept in self._kept.values()
            if kept.state == "dead"
            and recipient in {None, kept.delivery.recipient}
            and (not of_batches or kept.delivery.batch_id is not None)
            and subscription_id in {None, kept.delivery.subscription_id}
        ]
        dead.sort(key=lambda each: (each.created_at, each.delivery_id), reverse=True)
        identifiers = [each.delivery_id for each in dead]
        start = 0 if after is None else identifiers.index(after) + 1
        return dead[start : start + limit]

    async def requeue(self, delivery_id: UUID, *, recipient: str | None = None) -> None:
        kept = self._kept.get(delivery_id)
        if kept is None or kept.state != "dead" or recipient not in {None, kept.delivery.recipient}:
            raise DeliveryNotFound(f"there is no undeliverable message {delivery_id}")
        kept.state, kept.due, kept.delivery = "waiting", self._now(), replace(kept.delivery, attempts=0)
