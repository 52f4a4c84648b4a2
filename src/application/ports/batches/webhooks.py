"""Webhooks: what is to be told to callers, kept until it is told, and the telling itself."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one address. `recipient` is who handed in the batch; `attempts` counts those made so far.

    `event` says what happened ("batch.done"), `body` is the JSON that is sent, `last_fault` why the last attempt
    failed.
    """

    delivery_id: UUID
    batch_id: UUID
    recipient: str
    url: str
    event: str
    body: str
    created_at: datetime
    attempts: int = 0
    last_fault: str | None = None


class DeliveryNotFound(Exception):
    """There is no message of this identifier among the dead letters."""


class Outbox(Protocol):
    """Messages written with what they tell of, in one transaction; raises DependencyUnavailable."""

    @abstractmethod
    async def lease_next(self, *, duration: timedelta) -> Delivery | None:
        """A message that is due, for the caller alone while it holds it; then it is due again."""

    @abstractmethod
    async def mark_delivered(self, delivery_id: UUID) -> None:
        """It has arrived."""

    @abstractmethod
    async def mark_failed(self, delivery_id: UUID, reason: str, *, retry_in: timedelta | None) -> None:
        """An attempt failed; without another it becomes a dead letter."""

    @abstractmethod
    async def pending_count(self) -> int:
        """How many messages are still to be delivered, due or not."""

    @abstractmethod
    async def dead_letters(
        self, *, limit: int, after: UUID | None = None, recipient: str | None = None
    ) -> Sequence[Delivery]:
        """Messages that were given up, newest first, `after` one of them; with a recipient, theirs alone."""

    @abstractmethod
    async def requeue(self, delivery_id: UUID, *, recipient: str | None = None) -> None:
        """Try a dead letter again, from the first attempt; raises DeliveryNotFound.

        With a recipient, a message to another is DeliveryNotFound.
        """


class DeliveryFailed(Exception):
    """The message did not arrive; the text says why."""


class Messenger(Protocol):
    """Carries messages to callers."""

    @abstractmethod
    async def deliver(self, delivery: Delivery, *, at: datetime) -> None:
        """Return when the receiver has taken it; raises DeliveryFailed."""


class WebhookSecrets(Protocol):
    """What webhooks are signed with."""

    @abstractmethod
    def secret_of(self, recipient: str) -> str:
        """The recipient's own secret, as text."""
