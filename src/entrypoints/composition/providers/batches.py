"""Batches."""

from datetime import timedelta

from adapters.persistence.batches.batches import PostgresBatches
from application.use_cases.batches.batch_use_cases import BatchUseCases
from application.use_cases.batches.purge_batches import PurgeBatches
from entrypoints.composition.configured_adapters import batch_quota
from entrypoints.composition.injection import Singleton
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.decisions import DecisionProviders
from entrypoints.composition.providers.foundation import Foundation, observed
from entrypoints.composition.security_events import recorded_batches


class BatchProviders(DecisionProviders):
    """Batches."""

    batches = Singleton(
        PostgresBatches,
        Foundation.settings.provided.database_url,
        Foundation.engine,
        quota=Singleton(batch_quota, Foundation.settings),
        events=AuditProviders.event_chain,
        traceparent=Foundation.observability.provided.traceparent,
    )
    batch_use_cases = Singleton(
        recorded_batches,
        Singleton(
            BatchUseCases.over,
            batches,
            Foundation.clock,
            Foundation.identifiers,
            plain_webhooks=Foundation.settings.provided.allow_insecure_webhooks,
            record=AuditProviders.record_event,
            final_decisions=DecisionProviders.final_decisions,
        ),
        Foundation.observability,
    )
    purge_batches = observed(
        Foundation.observability,
        PurgeBatches,
        batches=batches,
        keep=Singleton(timedelta, days=Foundation.settings.provided.batch_retention_days),
    )
