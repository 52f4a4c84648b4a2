"""Read the secret that signs a caller's webhooks."""

from dataclasses import dataclass

from application.ports.webhooks.webhooks import WebhookSecrets
from application.use_cases.audit.record_event import RecordEvent
from domain.access.user import Actor, Permission
from domain.audit.event import EventKind


@dataclass(frozen=True, slots=True)
class ReadWebhookSecret:
    """Returns the caller's own secret."""

    secrets: WebhookSecrets
    record: RecordEvent | None = None

    async def __call__(self, *, by: Actor) -> str:
        """The caller's secret, after the access to it was recorded."""
        by.require(Permission.SUBMIT_BATCHES)
        if self.record:
            await self.record(EventKind.WEBHOOK_SECRET_READ, by=by, details={"user": by.name})
        return self.secrets.secret_of(by.name)
