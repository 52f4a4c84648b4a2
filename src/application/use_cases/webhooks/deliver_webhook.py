"""Deliver a webhook, and retry failed ones with exponential backoff."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from application.ports.operations.clock import Clock
from application.ports.webhooks.webhooks import (
    Delivery,
    DeliveryFailed,
    EventBodies,
    EventUnreadable,
    Messenger,
    Outbox,
)

MAX_ATTEMPTS = 24
"""After that it is a dead letter: 14 to 29 hours after the first attempt, which is longer than a night."""
FIRST_DELAY = timedelta(seconds=10)
MAX_DELAY = timedelta(hours=2)
MAX_PAUSE = timedelta(minutes=10)
"""Of a subscription whose receiver does not accept messages; after each pause one is tried."""
LEASE = timedelta(seconds=60)
"""Longer than an attempt can take; the message of a worker that died becomes due again after it."""


@dataclass(frozen=True, slots=True)
class DeliverWebhook:
    """Delivers a leased message at least once; the receiver recognizes a repetition by the delivery's identifier.

    `chance` returns numbers from 0 to 1 that spread retries, so that receivers are not all called together.
    """

    outbox: Outbox
    messenger: Messenger
    bodies: EventBodies
    clock: Clock
    chance: Callable[[], float]

    async def __call__(self, delivery: Delivery) -> None:
        """Attempt the delivery, and mark it as delivered or failed."""
        try:
            if not delivery.body:
                delivery = replace(delivery, body=await self.bodies.body_of(delivery))
            await self.messenger.deliver(delivery, at=self.clock.now())
        except EventUnreadable as fault:
            await self.outbox.mark_failed(delivery.delivery_id, str(fault), retry_in=None)
        except DeliveryFailed as fault:
            retry_in = self._delay(delivery.attempts + 1)
            pause = min(self._backoff(delivery.failures + 1), MAX_PAUSE)
            await self.outbox.mark_failed(delivery.delivery_id, str(fault), retry_in=retry_in, pause=pause)
        else:
            await self.outbox.mark_delivered(delivery.delivery_id)

    def _delay(self, attempts: int) -> timedelta | None:
        return None if attempts >= MAX_ATTEMPTS else self._backoff(attempts)

    def _backoff(self, failures: int) -> timedelta:
        doublings = min(failures - 1, MAX_ATTEMPTS)
        delay: timedelta = min(FIRST_DELAY * 2**doublings, MAX_DELAY)
        return delay * (0.5 + 0.5 * self.chance())
