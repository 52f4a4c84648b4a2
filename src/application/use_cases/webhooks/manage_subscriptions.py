"""Manage subscriptions to events: services their own, and operators those of everyone at the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.ports.webhooks.subscriptions import WebhookSubscriptions
from application.use_cases.audit.event_factory import EventFactory
from domain.access.user import Actor, Permission
from domain.audit.event import EventKind
from domain.webhooks.event import NoEvents, UnknownEvents, WebhookEvent, events_named
from domain.webhooks.subscription import (
    MAX_SUBSCRIPTIONS,
    InvalidSubscription,
    Subscription,
    SubscriptionState,
)
from domain.webhooks.webhook_url import InvalidWebhookUrl, WebhookUrl


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Subscribes a caller to events of its own applications.

    A webhook must use HTTPS unless `plain_webhooks` is True.
    """

    subscriptions: WebhookSubscriptions
    clock: Clock
    identifiers: Identifiers
    plain_webhooks: bool = False

    async def __call__(self, url: str, events: Sequence[str], *, by: Actor) -> Subscription:
        """The subscription; the same request again returns the same one.

        Raises InvalidSubscription with every fault, and TooManySubscriptions.
        """
        by.require(Permission.MANAGE_WEBHOOKS)
        named = self._checked(url, events)
        made = Subscription(self.identifiers.new(), by.name, url, named, self.clock.now())
        details = {
            "user": by.name,
            "subscription": str(made.subscription_id),
            "host": made.host,
            "events": ", ".join(made.events),
        }
        event = EventFactory(self.clock, self.identifiers)(EventKind.WEBHOOK_SUBSCRIBED, by.name, details)
        return await self.subscriptions.add(made, most=MAX_SUBSCRIPTIONS, event=event)

    def _checked(self, url: str, events: Sequence[str]) -> tuple[WebhookEvent, ...]:
        faults: dict[str, str] = {}
        named: tuple[WebhookEvent, ...] = ()
        try:
            if not WebhookUrl(url).safe and not self.plain_webhooks:
                faults["url"] = "must begin with https://"
        except InvalidWebhookUrl as fault:
            faults["url"] = str(fault).removeprefix("it ")
        try:
            named = events_named(events)
        except (UnknownEvents, NoEvents) as fault:
            faults["events"] = str(fault)
        if faults:
            raise InvalidSubscription(faults)
        return named


@dataclass(frozen=True, slots=True)
class ListSubscriptions:
    """Lists the actor's active subscriptions; `of_everyone`, those of all, for operators."""

    subscriptions: WebhookSubscriptions
    of_everyone: bool = False

    async def __call__(self, *, by: Actor) -> Sequence[SubscriptionState]:
        """The subscriptions, oldest first."""
        return await self.subscriptions.active(_owner(by, of_everyone=self.of_everyone))


@dataclass(frozen=True, slots=True)
class EndSubscription:
    """Ends a subscription of the actor; `of_everyone`, of anyone, for operators."""

    subscriptions: WebhookSubscriptions
    clock: Clock
    new_event: EventFactory
    of_everyone: bool = False

    async def __call__(self, subscription_id: UUID, *, by: Actor) -> None:
        """End it; messages that wait are not sent any more. Raises SubscriptionNotFound."""
        owner = _owner(by, of_everyone=self.of_everyone)
        details = {"subscription": str(subscription_id)}
        event = self.new_event(EventKind.WEBHOOK_SUBSCRIPTION_ENDED, by.name, details)
        await self.subscriptions.end(subscription_id, at=self.clock.now(), event=event, owner=owner)


@dataclass(frozen=True, slots=True)
class SendTestEvent:
    """Sends a test event to a subscription of the actor; `of_everyone`, of anyone, for operators."""

    subscriptions: WebhookSubscriptions
    clock: Clock
    identifiers: Identifiers
    of_everyone: bool = False

    async def __call__(self, subscription_id: UUID, *, by: Actor) -> UUID:
        """Queue the event and return the identifier of its delivery; raises SubscriptionNotFound."""
        owner, delivery_id = _owner(by, of_everyone=self.of_everyone), self.identifiers.new()
        await self.subscriptions.send_test(subscription_id, delivery_id, at=self.clock.now(), owner=owner)
        return delivery_id


@dataclass(frozen=True, slots=True)
class RetryUndelivered:
    """Queues all messages for a subscription that were given up; `of_everyone`, of anyone, for operators."""

    subscriptions: WebhookSubscriptions
    new_event: EventFactory
    of_everyone: bool = False

    async def __call__(self, subscription_id: UUID, *, by: Actor) -> int:
        """Make them due immediately, record that, and return their number; raises SubscriptionNotFound."""
        owner = _owner(by, of_everyone=self.of_everyone)
        details = {"subscription": str(subscription_id)}
        event = self.new_event(EventKind.WEBHOOK_RETRIED, by.name, details)
        return await self.subscriptions.retry(subscription_id, event=event, owner=owner)


def _owner(by: Actor, *, of_everyone: bool) -> str | None:
    """The user whose subscriptions the actor manages; None for all."""
    if of_everyone:
        return None
    by.require(Permission.MANAGE_WEBHOOKS)
    return by.name
