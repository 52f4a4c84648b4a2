"""What the service can be asked of batches, and of the webhooks that tell of them."""

from dataclasses import dataclass
from typing import Self

from application.event_factory import EventFactory
from application.ports.batches import Batches
from application.ports.clock import Clock
from application.ports.identifiers import Identifiers
from application.ports.webhooks import Outbox, WebhookSecrets
from application.use_cases.dead_letters import ListDeadLetters
from application.use_cases.read_batches import CancelBatch, ListBatches, ReadBatch, ReadBatchOutput
from application.use_cases.submit_batch import SubmitBatch
from application.use_cases.webhook_secret import ReadWebhookSecret


@dataclass(frozen=True, slots=True)
class BatchUseCases:
    """A part of the catalogue."""

    submit: SubmitBatch
    read: ReadBatch
    list: ListBatches
    output: ReadBatchOutput
    cancel: CancelBatch
    dead_letters: ListDeadLetters
    webhook_secret: ReadWebhookSecret

    @classmethod
    def over(
        cls,
        batches: Batches,
        outbox: Outbox,
        secrets: WebhookSecrets,
        clock: Clock,
        identifiers: Identifiers,
        *,
        plain_webhooks: bool = False,
    ) -> Self:
        """All of them over one store."""
        return cls(
            submit=SubmitBatch(batches, clock, identifiers, plain_webhooks),
            read=ReadBatch(batches),
            list=ListBatches(batches),
            output=ReadBatchOutput(batches),
            cancel=CancelBatch(batches, EventFactory(clock, identifiers)),
            dead_letters=ListDeadLetters(outbox),
            webhook_secret=ReadWebhookSecret(secrets),
        )
