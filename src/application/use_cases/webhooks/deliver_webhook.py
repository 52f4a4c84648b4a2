"""Deliver a webhook, and retry failed ones with exponential backoff."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from application.ports.operations.clock import Clock
from application.ports.webhooks.webhooks import Delivery, DeliveryFailed, Messenger, Outbox

MAX_ATTEMPTS = 24
"""After that it is a dead letter: 14 to 29 hours after the first attempt, which is longer than a night."""
FIRST_DELAY = timedelta(seconds=10)
MAX_DELAY = timedelta(hours=2)
LEASE = timedelta(seconds=60)
"""Longer than an attempt can take; the message of a worker that died becomes due again after it."""


@dataclass(frozen=True, slots=True)
class DeliverWebhook:
    """Delivers a leased message at least once; the receiver recognizes a repetition by the delivery's identifier.

    `chance` returns numbers from 0 to 1 that spread retries, so that receivers are not all called together.
    """

    outbox: Outbox
    messenger: Messenger
    clock: Clock
    chance: Callable[[], float]

    async def __call__(self, delivery: Delivery) -> None:
        """Attempt the delivery, and mark it as delivered or failed."""
        try:
            await self.messenger.deliver(delivery, at=self.clock.now())
        except DeliveryFailed as fault:
            retry_in = self._delay(delivery.attempts + 1)
            await self.outbox.mark_failed(delivery.delivery_id, str(fault), retry_in=retry_in)
        else:
            await self.outbox.mark_delivered(delivery.delivery_id)

    def _delay(self, attempts: int) -> timedelta | None:
        if attempts >= MAX_ATTEMPTS:
            return None
        delay: timedelta = min(FIRST_DELAY * 2 ** (attempts - 1), MAX_DELAY)
        return delay * (0.5 + 0.5 * self.chance())
