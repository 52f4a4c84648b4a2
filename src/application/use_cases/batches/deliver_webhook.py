"""Deliver the next webhook: once, and again later with growing pauses where it does not arrive."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from application.ports.batches.webhooks import Delivery, DeliveryFailed, Messenger, Outbox
from application.ports.operations.clock import Clock

MAX_ATTEMPTS = 24
"""Then it is a dead letter: 14 to 29 hours after the first, so that a night is slept through."""
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=2)
HOLD = timedelta(seconds=60)
"""Longer than an attempt can take; a worker lost with a message holds it no longer."""


@dataclass(frozen=True, slots=True)
class DeliverNextWebhook:
    """At least once: a receiver may be told twice, and knows by the delivery's identifier.

    `chance` gives numbers from 0 to 1: receivers that were down together must not be called together.
    """

    outbox: Outbox
    messenger: Messenger
    clock: Clock
    chance: Callable[[], float]

    async def __call__(self) -> Delivery | None:
        """The message that was tried, or None where none is due."""
        delivery = await self.outbox.lease_next(duration=HOLD)
        if delivery is None:
            return None
        try:
            await self.messenger.deliver(delivery, at=self.clock.now())
        except DeliveryFailed as fault:
            again = self._pause(delivery.attempts + 1)
            await self.outbox.mark_failed(delivery.delivery_id, str(fault), retry_in=again)
        else:
            await self.outbox.mark_delivered(delivery.delivery_id)
        return delivery

    def _pause(self, attempts: int) -> timedelta | None:
        if attempts >= MAX_ATTEMPTS:
            return None
        longest: timedelta = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
        return longest * (0.5 + 0.5 * self.chance())
