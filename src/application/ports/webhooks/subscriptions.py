"""Subscriptions of callers to events."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.audit.event import RecordedEvent
from domain.webhooks.subscription import Subscription, SubscriptionState


class SubscriptionNotFound(Exception):
    """There is no active subscription with this identifier that the actor may manage."""


class TooManySubscriptions(Exception):
    """The caller has as many active subscriptions as one may have."""


class WebhookSubscriptions(Protocol):
    """Stores subscriptions; each change is recorded in the audit trail with it. Raises DependencyUnavailable."""

    @abstractmethod
    async def add(self, subscription: Subscription, *, most: int, event: RecordedEvent) -> Subscription:
        """Add it, unless the owner has an active one to the same URL and events, which is returned instead.

        Raises TooManySubscriptions if the owner has `most` others.
        """

    @abstractmethod
    async def active(self, owner: str | None = None) -> Sequence[SubscriptionState]:
        """The active subscriptions of an owner, or of all, oldest first."""

    @abstractmethod
    async def end(
        self, subscription_id: UUID, *, at: datetime, event: RecordedEvent, owner: str | None = None
    ) -> None:
        """End it and drop its messages; raises SubscriptionNotFound, with an owner also for another's."""

    @abstractmethod
    async def send_test(
        self, subscription_id: UUID, delivery_id: UUID, *, at: datetime, owner: str | None = None
    ) -> None:
        """Queue a test message before others; raises SubscriptionNotFound, with an owner also for another's."""

    @abstractmethod
    async def retry(self, subscription_id: UUID, *, event: RecordedEvent, owner: str | None = None) -> int:
        """Queue all messages that were given up, and return their number; raises SubscriptionNotFound."""

    @abstractmethod
    async def purge(self) -> int:
        """Give up messages whose time is over and return their number; delete what is no longer needed."""
