"""Dead letters: webhooks that could not be delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from application.ports.webhooks.subscriptions import SubscriptionNotFound, WebhookSubscriptions
from application.ports.webhooks.webhooks import Delivery, Outbox
from application.use_cases.audit.record_event import RecordEvent
from domain.access.user import Actor, Permission
from domain.audit.event import EventKind

MAX_LISTED = 200


@dataclass(frozen=True, slots=True)
class ListDeadLetters:
    """Lists dead letters: the actor's own, or all for an actor who may read all batches."""

    outbox: Outbox

    async def __call__(
        self, *, by: Actor, limit: int = MAX_LISTED, after: UUID | None = None, of_batches: bool = False
    ) -> Sequence[Delivery]:
        """At most `limit`, newest first, those after one of them where `after` names it.

        With `of_batches`, messages for subscriptions are left out.
        """
        by.require(Permission.SUBMIT_BATCHES)
        return await self.outbox.dead_letters(
            limit=limit, after=after, recipient=by.visible_owner, of_batches=of_batches
        )


@dataclass(frozen=True, slots=True)
class ListUndelivered:
    """Lists the messages for one subscription of the actor that could not be delivered."""

    outbox: Outbox
    subscriptions: WebhookSubscriptions

    async def __call__(
        self, subscription_id: UUID, *, by: Actor, limit: int = MAX_LISTED, after: UUID | None = None
    ) -> Sequence[Delivery]:
        """At most `limit`, newest first, those after one of them where `after` names it.

        Raises SubscriptionNotFound, also for another's.
        """
        by.require(Permission.MANAGE_WEBHOOKS)
        own = await self.subscriptions.active(by.name)
        if all(each.subscription.subscription_id != subscription_id for each in own):
            raise SubscriptionNotFound(f"there is no active subscription {subscription_id}")
        return await self.outbox.dead_letters(
            limit=limit, after=after, recipient=by.name, subscription_id=subscription_id
        )


@dataclass(frozen=True, slots=True)
class RetryDeadLetter:
    """Queues a dead letter for delivery again."""

    outbox: Outbox
    record: RecordEvent | None = None

    async def __call__(self, delivery_id: UUID, *, by: Actor) -> None:
        """Make it due immediately, and record that; raises DeliveryNotFound."""
        by.require(Permission.SUBMIT_BATCHES)
        await self.outbox.requeue(delivery_id, recipient=by.visible_owner)
        if self.record:
            await self.record(EventKind.WEBHOOK_RETRIED, by=by, details={"delivery": str(delivery_id)})
