"""Copies of checkpoints to an address of the operator's, signed like other webhooks."""

from uuid import UUID

from adapters.messaging.signatures import CHECKPOINTS
from adapters.messaging.webhook_messenger import WebhookMessenger
from application.ports.audit.checkpoint_destination import CheckpointDestination, PublicationFailed
from application.ports.batches.webhooks import Delivery, DeliveryFailed
from application.ports.operations.clock import Clock
from domain.audit.checkpoint_copy import CheckpointCopy

_EVENT = "audit.checkpoint"


class CheckpointWebhook(CheckpointDestination):
    """Posts the JSON that is kept. What was posted is remembered by this process alone.

    Each process posts each checkpoint, and the newest again after a restart: receivers tell repeats by the header
    `Scoring-Delivery`, which is the same for the same checkpoint.
    """

    def __init__(self, messenger: WebhookMessenger, url: str, clock: Clock) -> None:
        self._messenger = messenger
        self._url = url
        self._clock = clock
        self._last: int | None = None

    @property
    def name(self) -> str:
        """A label of metrics."""
        return "webhook"

    async def last(self) -> int | None:
        """The number of the last one posted, by this process."""
        return self._last

    async def publish(self, copy: CheckpointCopy) -> None:
        """Post one."""
        identifier = UUID(bytes=copy.digest[:16])
        delivery = Delivery(identifier, identifier, CHECKPOINTS, self._url, _EVENT, copy.line(), copy.at)
        try:
            await self._messenger.deliver(delivery, at=self._clock.now())
        except DeliveryFailed as fault:
            raise PublicationFailed(f"checkpoint {copy.number} was not taken ({fault})") from fault
        self._last = copy.number
