"""Webhooks: messages to callers, their queue and their delivery."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to one URL. `recipient` is the user it is for; `attempts` counts attempts so far.

    `event` names what happened ("batch.done"), `body` is the JSON to send, and `last_fault` says why the last
    attempt failed. `traceparent` is the trace of the request that submitted the batch, in the format of W3C.

    A message for a subscription is about the `subject`; its `body` is empty until it is made for an attempt. Its
    receiver failed in the last `failures` attempts for the subscription.
    """

    delivery_id: UUID
    batch_id: UUID | None
    recipient: str
    url: str
    event: str
    body: str
    created_at: datetime
    attempts: int = 0
    last_fault: str | None = None
    traceparent: str | None = None
    subscription_id: UUID | None = None
    subject: UUID | None = None
    failures: int = 0

    @property
    def receiver(self) -> str:
        """The host and port that the message is for, as its URL writes them."""
        return urlsplit(self.url).netloc.lower()


class DeliveryNotFound(Exception):
    """There is no dead letter with this identifier."""


class Outbox(Protocol):
    """Messages written in the transaction of the change they report; raises DependencyUnavailable."""

    @abstractmethod
    async def lease_next(
        self,
        *,
        duration: timedelta,
        busy_receivers: Collection[str] = (),
        busy_recipients: Collection[str] = (),
    ) -> Delivery | None:
        """A message that is due, leased for `duration`; then it is due again.

        Messages for `busy_receivers` and of `busy_recipients` are left for later. Of each subscription one message
        at a time is leased, those of the earliest events first.
        """

    @abstractmethod
    async def mark_delivered(self, delivery_id: UUID) -> None:
        """Mark a message as delivered."""

    @abstractmethod
    async def mark_failed(
        self,
        delivery_id: UUID,
        reason: str,
        *,
        retry_in: timedelta | None,
        pause: timedelta | None = None,
    ) -> None:
        """Mark an attempt as failed; the message becomes a dead letter if `retry_in` is None.

        The message's subscription pauses for `pause`; with None, the receiver is not at fault.
        """

    @abstractmethod
    async def dead_letters(
        self,
        *,
        limit: int,
        after: UUID | None = None,
        recipient: str | None = None,
        of_batches: bool = False,
        subscription_id: UUID | None = None,
    ) -> Sequence[Delivery]:
        """Messages that were given up, newest first, after the one with the identifier `after`.

        With a recipient, only that user's; with `of_batches`, those about batches; with a subscription, those
        for it.
        """

    @abstractmethod
    async def requeue(self, delivery_id: UUID, *, recipient: str | None = None) -> None:
        """Queue a dead letter again with no attempts counted; raises DeliveryNotFound.

        With a recipient, another user's message is not found.
        """


class EventUnreadable(Exception):
    """What a message is about cannot be read by its recipient, so that it cannot be sent. The text says why."""


class EventBodies(Protocol):
    """The bodies of messages for subscriptions."""

    @abstractmethod
    async def body_of(self, delivery: Delivery) -> str:
        """The JSON to send, with what its recipient may read now of the subject; raises EventUnreadable."""


class DeliveryFailed(Exception):
    """The message was not delivered. The text says why."""


class Messenger(Protocol):
    """Delivers messages."""

    @abstractmethod
    async def deliver(self, delivery: Delivery, *, at: datetime) -> None:
        """Send the message and wait until it is accepted; raises DeliveryFailed."""


class WebhookSecrets(Protocol):
    """The secrets that sign webhooks."""

    @abstractmethod
    def secret_of(self, recipient: str) -> str:
        """The secret of a recipient, as text."""
