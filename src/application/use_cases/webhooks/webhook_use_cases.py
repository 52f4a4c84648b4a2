"""The use cases for webhooks."""

from dataclasses import dataclass
from typing import Self

from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.ports.webhooks.subscriptions import WebhookSubscriptions
from application.ports.webhooks.webhooks import Outbox, WebhookSecrets
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.webhooks.dead_letters import ListDeadLetters, ListUndelivered
from application.use_cases.webhooks.manage_subscriptions import (
    EndSubscription,
    ListSubscriptions,
    RetryUndelivered,
    SendTestEvent,
    Subscribe,
)
from application.use_cases.webhooks.webhook_secret import ReadWebhookSecret


@dataclass(frozen=True, slots=True)
class WebhookUseCases:
    """The webhook part of `UseCases`."""

    dead_letters: ListDeadLetters
    secret: ReadWebhookSecret
    subscribe: Subscribe
    subscriptions: ListSubscriptions
    end: EndSubscription
    send_test: SendTestEvent
    undelivered: ListUndelivered
    retry: RetryUndelivered

    @classmethod
    def over(
        cls,
        outbox: Outbox,
        subscriptions: WebhookSubscriptions,
        secrets: WebhookSecrets,
        clock: Clock,
        identifiers: Identifiers,
        *,
        plain_webhooks: bool = False,
        record: RecordEvent | None = None,
    ) -> Self:
        """All use cases over one store."""
        new_event = EventFactory(clock, identifiers)
        return cls(
            dead_letters=ListDeadLetters(outbox),
            secret=ReadWebhookSecret(secrets, record),
            subscribe=Subscribe(subscriptions, clock, identifiers, plain_webhooks),
            subscriptions=ListSubscriptions(subscriptions),
            end=EndSubscription(subscriptions, clock, new_event),
            send_test=SendTestEvent(subscriptions, clock, identifiers),
            undelivered=ListUndelivered(outbox, subscriptions),
            retry=RetryUndelivered(subscriptions, new_event),
        )
