"""A caller's subscription to events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from domain.webhooks.event import WebhookEvent

MAX_SUBSCRIPTIONS = 10
"""Active subscriptions of one caller."""


class InvalidSubscription(ValueError):
    """The request for a subscription is invalid; `faults` says what is wrong with each of its fields."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Subscription:
    """Events of the owner's own applications are sent to the URL until the subscription ends."""

    subscription_id: UUID
    owner: str
    url: str
    events: tuple[WebhookEvent, ...]
    created_at: datetime

    @property
    def host(self) -> str:
        """The host of the URL, whose other parts may hold a secret."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """A subscription with the state of its deliveries.

    `failing_since` and `last_fault` are None unless the last attempt failed. `pending` messages are not delivered
    yet; `undelivered` ones were given up.
    """

    subscription: Subscription
    last_delivered_at: datetime | None = None
    failing_since: datetime | None = None
    last_fault: str | None = None
    pending: int = 0
    undelivered: int = 0
