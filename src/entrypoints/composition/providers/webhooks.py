"""Webhooks."""

from adapters.persistence.webhooks.event_follower import EventFollower
from adapters.persistence.webhooks.outbox import PostgresOutbox
from adapters.persistence.webhooks.subscriptions import PostgresWebhookSubscriptions
from application.use_cases.webhooks.webhook_use_cases import WebhookUseCases
from entrypoints.composition.injection import Singleton
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.foundation import Foundation
from entrypoints.composition.secrets import recipient_secrets
from entrypoints.composition.security_events import recorded_webhooks


class WebhookProviders(AuditProviders):
    """Webhooks."""

    outbox = Singleton(PostgresOutbox, Foundation.engine)
    webhook_subscriptions = Singleton(PostgresWebhookSubscriptions, Foundation.engine, AuditProviders.event_chain)
    event_follower = Singleton(EventFollower, Foundation.engine)
    recipient_secrets = Singleton(recipient_secrets, Foundation.settings)
    webhook_use_cases = Singleton(
        recorded_webhooks,
        Singleton(
            WebhookUseCases.over,
            outbox,
            webhook_subscriptions,
            recipient_secrets,
            Foundation.clock,
            Foundation.identifiers,
            plain_webhooks=Foundation.settings.provided.allow_insecure_webhooks,
            record=AuditProviders.record_event,
        ),
        Foundation.observability,
    )
