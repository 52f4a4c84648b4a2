"""Tell a caller the secret that their webhooks are signed with."""

from dataclasses import dataclass

from application.ports.batches.webhooks import WebhookSecrets
from domain.access.user import Actor, Permission


@dataclass(frozen=True, slots=True)
class ReadWebhookSecret:
    """Each caller has a secret of their own, and is told no other."""

    secrets: WebhookSecrets

    def __call__(self, *, by: Actor) -> str:
        """The caller's secret."""
        by.require(Permission.SUBMIT_BATCHES)
        return self.secrets.secret_of(by.name)
