"""Read the secret that signs a caller's webhooks."""

from dataclasses import dataclass

from application.ports.batches.webhooks import WebhookSecrets
from domain.access.user import Actor, Permission


@dataclass(frozen=True, slots=True)
class ReadWebhookSecret:
    """Returns the caller's own secret."""

    secrets: WebhookSecrets

    def __call__(self, *, by: Actor) -> str:
        """The caller's secret."""
        by.require(Permission.SUBMIT_BATCHES)
        return self.secrets.secret_of(by.name)
