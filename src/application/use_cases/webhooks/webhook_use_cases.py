"""The use cases for webhooks."""

from dataclasses import dataclass
from typing import Self

from application.ports.webhooks.webhooks import Outbox, WebhookSecrets
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.webhooks.dead_letters import ListDeadLetters
from application.use_cases.webhooks.webhook_secret import ReadWebhookSecret


@dataclass(frozen=True, slots=True)
class WebhookUseCases:
    """The webhook part of `UseCases`."""

    dead_letters: ListDeadLetters
    secret: ReadWebhookSecret

    @classmethod
    def over(cls, outbox: Outbox, secrets: WebhookSecrets, *, record: RecordEvent | None = None) -> Self:
        """All use cases over one store."""
        return cls(dead_letters=ListDeadLetters(outbox), secret=ReadWebhookSecret(secrets, record))
