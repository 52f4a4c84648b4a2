"""The audit trail: events, checkpoints and verification."""

from datetime import timedelta
from functools import partial
from typing import Any

from adapters.persistence.audit.audit_events import EventChain, PostgresAuditEvents
from adapters.persistence.audit.audit_trail import IN_BACKGROUND, PostgresAuditTrail
from adapters.persistence.audit.checkpoints import PostgresCheckpoints
from adapters.persistence.audit.event_history import PostgresEventHistory
from adapters.persistence.audit.present_states import PostgresPresentStates
from adapters.persistence.audit.stored_versions import PostgresStoredVersions
from adapters.persistence.audit.verification_reports import PostgresVerificationReports
from adapters.persistence.database.exclusive import SETTINGS, VERIFICATION, ExclusiveSection
from adapters.persistence.policies.policy_activations import PostgresPolicyActivations
from adapters.security.audit_signing import Ed25519Signatures
from application.use_cases.audit.contains_synthetic import ContainsSynthetic
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.list_events import ListEvents
from application.use_cases.audit.publish_checkpoints import PublishCheckpoints
from application.use_cases.audit.read_verifications import (
    ListVerifications,
    ReadLastVerifications,
    ReadVerification,
)
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.audit.record_settings import RecordSettings
from application.use_cases.audit.verification import RecordedVerifications
from application.use_cases.audit.verify_activations import VerifyActivations
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from application.use_cases.audit.verify_states import VerifyStates
from application.use_cases.audit.verify_when_due import VerifyWhenDue
from entrypoints.composition.configured_adapters import checkpoint_destinations, service_engine
from entrypoints.composition.injection import Object, Singleton
from entrypoints.composition.notice_terms import notice_terms
from entrypoints.composition.providers.foundation import Foundation, observed
from entrypoints.composition.recorded_settings import DIGEST_KEY, recorded_settings
from entrypoints.composition.secrets import checkpoint_signer, trusted_keys, verification_signer
from entrypoints.composition.security_events import recorded_verification


class AuditProviders(Foundation):
    """The audit trail: events, checkpoints and verification."""

    event_chain = Singleton(EventChain)
    acting_person: Any = Object(None)
    """The user whose token was given to a command."""
    new_event = Singleton(EventFactory, Foundation.clock, Foundation.identifiers, acting_person)
    checkpoints = Singleton(PostgresCheckpoints, Foundation.engine)
    signer = Singleton(checkpoint_signer, Foundation.settings)
    trusted_keys = Singleton(trusted_keys, Foundation.settings)
    audit_events = Singleton(PostgresAuditEvents, Foundation.engine, event_chain)
    record_event = observed(Foundation.observability, RecordEvent, events=audit_events, new_event=new_event)
    create_checkpoint = observed(
        Foundation.observability,
        CreateCheckpoint,
        checkpoints=checkpoints,
        signer=signer,
        clock=Foundation.clock,
        record=record_event,
    )
    publish_checkpoints = Singleton(
        PublishCheckpoints,
        checkpoints,
        Singleton(
            checkpoint_destinations,
            Foundation.settings,
            Foundation.clock,
            Foundation.observability.provided.metrics.state.checkpoint_published,
        ),
        Foundation.observability.provided.metrics.state.checkpoint_published,
    )
    audit_engine = Singleton(service_engine, Foundation.settings, max_connections=2, command_timeout=None)
    audit_signatures = Singleton(Ed25519Signatures)
    event_history = Singleton(PostgresEventHistory, Foundation.engine, Foundation.unreadable_documents)
    contains_synthetic = Singleton(ContainsSynthetic, event_history)
    recorded_verifications = Singleton(
        RecordedVerifications,
        event_history,
        Singleton(PostgresVerificationReports, Foundation.engine, event_chain),
        new_event,
        audit_signatures,
        Foundation.clock,
        trusted=trusted_keys,
        signer=Singleton(verification_signer, Foundation.settings),
    )
    verification_ports: dict[str, Any] = {  # noqa: RUF012 - read once, below
        "checkpoints": Singleton(PostgresCheckpoints, audit_engine),
        "signatures": audit_signatures,
        "trusted": trusted_keys,
        "versions": Singleton(PostgresStoredVersions, audit_engine),
        "recorded": recorded_verifications,
        "archived": Foundation.settings.provided.audit_archived_months,
        "activations": Singleton(
            VerifyActivations, Singleton(PostgresPolicyActivations, audit_engine), event_history
        ),
    }
    notice_terms = Singleton(notice_terms, Foundation.settings)
    verify_audit_trail = Singleton(
        recorded_verification,
        observed(
            Foundation.observability,
            VerifyAuditTrail,
            trail=Singleton(PostgresAuditTrail, audit_engine),
            states=Singleton(VerifyStates, Singleton(PostgresPresentStates, audit_engine), notice_terms),
            **verification_ports,
        ),
        Foundation.security_events,
    )
    verify_gently = Singleton(
        recorded_verification,
        observed(
            Foundation.observability,
            VerifyAuditTrail,
            trail=Singleton(PostgresAuditTrail, audit_engine, **IN_BACKGROUND),
            states=Singleton(
                VerifyStates, Singleton(PostgresPresentStates, audit_engine, **IN_BACKGROUND), notice_terms
            ),
            **verification_ports,
        ),
        Foundation.security_events,
    )
    verify_when_due = Singleton(
        VerifyWhenDue,
        verify_gently,
        recorded_verifications,
        checkpoints,
        Foundation.clock,
        every=Singleton(timedelta, hours=Foundation.settings.provided.audit_verification_hours),
        exclusively=Singleton(ExclusiveSection, audit_engine, VERIFICATION),
    )
    record_settings = Singleton(
        RecordSettings,
        event_history,
        record_event,
        Singleton(ExclusiveSection, Foundation.engine, SETTINGS),
        Foundation.process,
        Singleton(partial, recorded_settings, Foundation.settings),
        DIGEST_KEY,
    )
    list_events = observed(Foundation.observability, ListEvents, history=event_history)
    read_last_verifications = Singleton(ReadLastVerifications, recorded_verifications)
    list_verifications = Singleton(ListVerifications, recorded_verifications)
    read_verification = Singleton(ReadVerification, recorded_verifications)
