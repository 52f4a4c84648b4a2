"""Webhooks."""

from adapters.persistence.webhooks.outbox import PostgresOutbox
from application.use_cases.webhooks.webhook_use_cases import WebhookUseCases
from entrypoints.composition.injection import Singleton
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.foundation import Foundation
from entrypoints.composition.secrets import recipient_secrets
from entrypoints.composition.security_events import recorded_webhooks


class WebhookProviders(AuditProviders):
    """Webhooks."""

    outbox = Singleton(PostgresOutbox, Foundation.engine)
    recipient_secrets = Singleton(recipient_secrets, Foundation.settings)
    webhook_use_cases = Singleton(
        recorded_webhooks,
        Singleton(WebhookUseCases.over, outbox, recipient_secrets, record=AuditProviders.record_event),
        Foundation.observability,
    )
