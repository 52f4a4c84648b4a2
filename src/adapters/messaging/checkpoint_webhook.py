"""Copies of checkpoints posted to an address of the operator, signed like other webhooks."""

from uuid import UUID

from adapters.messaging.signatures import CHECKPOINTS
from adapters.messaging.webhook_messenger import WebhookMessenger
from application.ports.audit.checkpoint_destination import CheckpointDestination, PublicationFailed
from application.ports.operations.clock import Clock
from application.ports.webhooks.webhooks import Delivery, DeliveryFailed
from domain.audit.checkpoint_copy import CheckpointCopy

_EVENT = "audit.checkpoint"


class CheckpointWebhook(CheckpointDestination):
    """Posts each checkpoint's JSON and remembers the last number in memory.

    Each process posts each checkpoint, and the newest again after a restart: receivers recognize repeats by the
    header `Scoring-Delivery`, which is the same for the same checkpoint.
    """

    def __init__(self, messenger: WebhookMessenger, url: str, clock: Clock) -> None:
        self._messenger = messenger
        self._url = url
        self._clock = clock
        self._last: int | None = None

    @property
    def name(self) -> str:
        return "webhook"

    async def last(self) -> int | None:
        return self._last

    async def publish(self, copy: CheckpointCopy) -> None:
        identifier = UUID(bytes=copy.digest[:16])
        delivery = Delivery(identifier, identifier, CHECKPOINTS, self._url, _EVENT, copy.line(), copy.at)
        try:
            await self._messenger.deliver(delivery, at=self._clock.now())
        except DeliveryFailed as error:
            raise PublicationFailed(f"checkpoint {copy.number} was not accepted ({error})") from error
        self._last = copy.number
