"""Deliver webhooks to many receivers at a time, so that one that does not answer holds up no other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from application.ports.webhooks.webhooks import Delivery, Outbox
from application.use_cases.webhooks.deliver_webhook import LEASE

MAX_IN_PROGRESS = 32
"""Deliveries in progress; an attempt takes 15 seconds at most."""
MAX_OF_RECIPIENT = 8
"""Of these, those of one user, who may name many receivers that do not answer."""
_PAUSE_SECONDS = 0.5
"""How long a free place waits for a receiver that becomes free, before it looks for new messages."""


class DeliverWebhooks:
    """Has at most one delivery to each receiver in progress.

    At most `max_of_recipient` for each user and `max_in_progress` in all are in progress. Other workers deliver
    independently. `deliver` attempts one delivery (DeliverWebhook).
    """

    def __init__(
        self,
        outbox: Outbox,
        deliver: Callable[[Delivery], Awaitable[None]],
        *,
        max_in_progress: int = MAX_IN_PROGRESS,
        max_of_recipient: int = MAX_OF_RECIPIENT,
    ) -> None:
        self._outbox = outbox
        self._deliver = deliver
        self._max_in_progress = max_in_progress
        self._max_of_recipient = max_of_recipient
        self._in_progress: dict[asyncio.Task[None], Delivery] = {}

    async def __call__(self) -> bool:
        """Begin the next delivery; False if there is none, and none in progress.

        Raises what an earlier delivery raised, whose message is due again when its lease ends.
        """
        self._raise_failure()
        if len(self._in_progress) >= self._max_in_progress:
            await asyncio.wait(self._in_progress, return_when=asyncio.FIRST_COMPLETED)
            return True
        recipients = Counter(delivery.recipient for delivery in self._in_progress.values())
        delivery = await self._outbox.lease_next(
            duration=LEASE,
            busy_receivers={delivery.receiver for delivery in self._in_progress.values()},
            busy_recipients=[name for name, number in recipients.items() if number >= self._max_of_recipient],
        )
        if delivery is not None:
            self._in_progress[asyncio.create_task(self._attempt(delivery))] = delivery
        elif self._in_progress:
            await asyncio.wait(self._in_progress, timeout=_PAUSE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        return bool(self._in_progress)

    async def finish(self) -> list[BaseException]:
        """Wait for the deliveries in progress; returns what was raised."""
        results = await asyncio.gather(*self._in_progress, return_exceptions=True)
        self._in_progress.clear()
        return [result for result in results if result is not None]

    async def _attempt(self, delivery: Delivery) -> None:
        await self._deliver(delivery)

    def _raise_failure(self) -> None:
        """Forget what has ended, up to the first that failed."""
        for task in [task for task in self._in_progress if task.done()]:
            del self._in_progress[task]
            task.result()
