"""What the faces need, wired: use cases over the production adapters, observed, each made when first asked for."""

from datetime import timedelta
from typing import Any

from dependency_injector import containers, providers

from adapters.memory.user_directory import MemoryUserDirectory
from adapters.observability.observability import Observability
from adapters.observability.wrappers.recorded_use_case import recorded_log_in
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.access.web_sessions import PostgresWebSessions
from adapters.persistence.audit.audit_events import EventChain, PostgresAuditEvents
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.audit.checkpoints import PostgresCheckpoints
from adapters.persistence.audit.stored_versions import PostgresStoredVersions
from adapters.persistence.batches.batches import PostgresBatches
from adapters.persistence.batches.outbox import PostgresOutbox
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.database_dependency import DatabaseDependency
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from adapters.persistence.decisions.decision_partitions import PostgresDecisionPartitions
from adapters.persistence.decisions.idempotency_keys import PostgresIdempotencyKeys
from adapters.persistence.decisions.ledger_dependency import LedgerDependency
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.monitoring.decision_figures import PostgresDecisionFigures
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import bundle_files, bundle_from
from adapters.scoring.bundles.model_dependency import ModelDependency
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.security.audit_signing import Ed25519Signatures
from adapters.security.common_passwords import CommonPasswords
from adapters.security.passwords import Argon2PasswordHasher
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.catalog import UseCases
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.access.log_in import IssueAccessToken, LogIn
from application.use_cases.access.purge_login_attempts import PurgeLoginAttempts
from application.use_cases.access.web_sessions import ManageWebSessions, PurgeWebSessions
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from application.use_cases.batches.batch_use_cases import BatchUseCases
from application.use_cases.batches.purge_batches import PurgeBatches
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessOnce
from application.use_cases.decisions.create_upcoming_partitions import CreateUpcomingPartitions
from application.use_cases.decisions.find_counterfactual import FindCounterfactual
from application.use_cases.decisions.purge_idempotency_keys import PurgeIdempotencyKeys
from application.use_cases.decisions.read_decisions import ListDecisions, ReadDecision
from application.use_cases.decisions.reproduce_decision import ReproduceDecision
from application.use_cases.models.archive_versions import ArchiveVersions
from application.use_cases.monitoring.read_overview import ReadOverview
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.policies.read_policy_in_force import ReadPolicyInForce
from domain.access.password_policy import PasswordPolicy
from domain.policies.version_1 import POLICY_1
from entrypoints.composition.caches import caches, dependencies_on_caches
from entrypoints.composition.limits import batch_quota, caller_knower, log_in_attempts
from entrypoints.composition.publishing import checkpoint_publisher
from entrypoints.composition.release import VERSION
from entrypoints.composition.revocation import STATEMENT_SECONDS
from entrypoints.composition.secrets import access_tokens, checkpoint_signer, recipient_secrets, trusted_keys
from entrypoints.composition.security_events import (
    recorded_batches,
    recorded_password_change,
    recorded_verification,
)
from entrypoints.configuration.settings import Settings


def _start_observability(settings: Settings, face: str, model: TableCreditModel) -> Observability:
    return Observability.start(
        service=f"scoring-{face}",
        version=VERSION,
        model_version=model.version.version,
        policy_version=POLICY_1.version,
        log_level=settings.log_level,
        log_format=settings.log_format,
        otlp_endpoint=settings.otlp_endpoint,
        trace_sample_rate=settings.trace_sample_rate,
        sentry_dsn=settings.sentry_dsn,
    )


def _observed(observability: Any, name: str, use_case: type, **ports: Any) -> Any:
    """A provider of a use case over its ports, with a span and times of its own."""
    made = providers.Singleton(use_case, **ports)
    return providers.Singleton(lambda watcher, asked: watcher.observe(asked, name), observability, made)


class Container(containers.DeclarativeContainer):
    """Every adapter and use case, made once, when first asked for."""

    settings = providers.Dependency(instance_of=Settings)
    face = providers.Dependency(instance_of=str)

    clock = providers.Singleton(SystemClock)
    identifiers = providers.Singleton(TimeOrderedIdentifiers)
    champion = providers.Singleton(bundle_files, settings.provided.model_dir)
    model = providers.Singleton(
        TableCreditModel, providers.Singleton(bundle_from, champion, settings.provided.model_dir)
    )
    observability = providers.Singleton(_start_observability, settings, face, model)

    engine = providers.Singleton(database_engine, settings.provided.database_url)
    archive = providers.Singleton(PostgresDecisionArchive, engine)
    checkpoints = providers.Singleton(PostgresCheckpoints, engine)
    bundles = providers.Singleton(PostgresBundles, engine)
    policies = providers.Singleton(PostgresPolicies, engine)
    models = providers.Singleton(ArchivedCreditModels, bundles)
    archive_versions = providers.Singleton(ArchiveVersions, bundles=bundles, policies=policies)
    events = providers.Singleton(EventChain)
    new_event = providers.Singleton(EventFactory, clock, identifiers)
    users = providers.Singleton(PostgresUsers, engine, events)
    access_engine = providers.Singleton(  # of its own: what revokes access must not wait for busy connections
        database_engine,
        settings.provided.database_url,
        max_connections=1,
        command_timeout=STATEMENT_SECONDS,
    )
    directory = providers.Singleton(MemoryUserDirectory, providers.Singleton(PostgresUsers, access_engine))
    stored_web_sessions = providers.Singleton(PostgresWebSessions, access_engine)
    unobserved_ledger = providers.Singleton(
        PostgresDecisionLedger,
        settings.provided.database_url,
        on_commit=observability.provided.metrics.ledger_committed,
    )
    ledger = providers.Singleton(
        lambda watcher, ledger: watcher.observe_ledger(ledger), observability, unobserved_ledger
    )
    caches = providers.Singleton(caches, settings, observability)
    passwords = providers.Singleton(Argon2PasswordHasher)
    tokens = providers.Singleton(
        access_tokens,
        settings,
        clock,
        lifetime=providers.Singleton(timedelta, minutes=settings.provided.token_minutes),
    )

    create_checkpoint = _observed(
        observability,
        "make_checkpoint",
        CreateCheckpoint,
        checkpoints=checkpoints,
        signer=providers.Singleton(checkpoint_signer, settings),
        clock=clock,
    )
    publish_checkpoints = providers.Singleton(checkpoint_publisher, settings, checkpoints, observability)
    record_event = _observed(
        observability,
        "record_event",
        RecordEvent,
        events=providers.Singleton(PostgresAuditEvents, engine, events),
        new_event=new_event,
    )
    create_upcoming_partitions = _observed(
        observability,
        "make_months_ahead",
        CreateUpcomingPartitions,
        months=providers.Singleton(PostgresDecisionPartitions, engine),
        clock=clock,
    )
    purge_idempotency_keys = _observed(
        observability,
        "forget_old_keys",
        PurgeIdempotencyKeys,
        keys=providers.Singleton(PostgresIdempotencyKeys, engine),
        keep=providers.Singleton(timedelta, days=settings.provided.idempotency_days),
    )
    stored_batches = providers.Singleton(
        PostgresBatches,
        settings.provided.database_url,
        engine,
        quota=providers.Singleton(batch_quota, settings),
        events=events,
    )
    purge_batches = _observed(
        observability,
        "forget_old_batches",
        PurgeBatches,
        batches=stored_batches,
        keep=providers.Singleton(timedelta, days=settings.provided.batch_days),
    )
    attempts = providers.Singleton(log_in_attempts, settings, engine, observability)
    purge_login_attempts = _observed(observability, "forget_attempts", PurgeLoginAttempts, attempts=attempts)
    log_in = providers.Singleton(
        recorded_log_in,
        _observed(observability, "log_in", LogIn, users=users, passwords=passwords, attempts=attempts),
        observability.provided.security_events,
    )
    change_own_password = providers.Singleton(
        recorded_password_change,
        _observed(
            observability,
            "change_own_password",
            ChangeOwnPassword,
            log_in=log_in,
            users=users,
            passwords=passwords,
            policy=providers.Singleton(PasswordPolicy, providers.Singleton(CommonPasswords)),
            new_event=new_event,
        ),
        observability.provided.security_events,
    )
    purge_web_sessions = _observed(
        observability, "purge_web_sessions", PurgeWebSessions, sessions=stored_web_sessions, clock=clock
    )
    assess = _observed(
        observability,
        "assess_loan_application",
        AssessLoanApplication,
        model=model,
        cache=caches.provided.predictions,
        policy=providers.Object(POLICY_1),
        ledger=ledger,
        clock=clock,
        identifiers=identifiers,
    )
    read_decision = _observed(observability, "read_decision", ReadDecision, archive=archive)
    use_cases = providers.Singleton(
        UseCases,
        assess=assess,
        assess_once=_observed(observability, "assess_once", AssessOnce, assess=assess),
        assess_many=providers.Singleton(
            lambda watcher, together: watcher.observe_batch(together, "assess_loan_application"),
            observability,
            providers.Singleton(AssessMany, assess=assess),
        ),
        read_decision=read_decision,
        list_decisions=_observed(observability, "list_decisions", ListDecisions, archive=archive),
        read_overview=_observed(
            observability,
            "read_overview",
            ReadOverview,
            figures=providers.Singleton(PostgresDecisionFigures, engine),
            remembered=caches.provided.answers,
            clock=clock,
        ),
        read_policy_in_force=providers.Singleton(ReadPolicyInForce, providers.Object(POLICY_1)),
        verify_audit_trail=providers.Singleton(
            recorded_verification,
            _observed(
                observability,
                "verify_audit_trail",
                VerifyAuditTrail,
                trail=providers.Singleton(PostgresAuditTrail, engine),
                checkpoints=checkpoints,
                signatures=providers.Singleton(Ed25519Signatures),
                trusted=providers.Singleton(trusted_keys, settings),
                versions=providers.Singleton(PostgresStoredVersions, engine),
                record=record_event,
            ),
            observability.provided.security_events,
        ),
        reproduce=_observed(
            observability,
            "reproduce_decision",
            ReproduceDecision,
            read_decision=read_decision,
            models=models,
            policies=policies,
        ),
        find_counterfactual=_observed(
            observability,
            "explain_what_would_change",
            FindCounterfactual,
            read_decision=read_decision,
            models=models,
            policies=policies,
            answers=caches.provided.answers,
        ),
        log_in=log_in,
        issue_access_token=providers.Singleton(IssueAccessToken, log_in=log_in, tokens=tokens),
        identify_caller=providers.Singleton(caller_knower, settings, tokens, directory, observability),
        change_own_password=change_own_password,
        web_sessions=providers.Singleton(
            ManageWebSessions,
            sessions=stored_web_sessions,
            directory=directory,
            clock=clock,
            idle=providers.Singleton(timedelta, minutes=settings.provided.session_idle_minutes),
        ),
        batches=providers.Singleton(
            recorded_batches,
            providers.Singleton(
                BatchUseCases.over,
                stored_batches,
                providers.Singleton(PostgresOutbox, engine),
                providers.Singleton(recipient_secrets, settings),
                clock,
                identifiers,
                plain_webhooks=settings.provided.webhooks_anywhere,
            ),
            observability,
        ),
        security_events=observability.provided.security_events,
        clock=clock,
        check_health=providers.Singleton(
            CheckHealth,
            dependencies=providers.Singleton(
                lambda database, ledger, on_caches, model: (database, ledger, *on_caches, model),
                providers.Singleton(DatabaseDependency, engine),
                providers.Singleton(LedgerDependency, unobserved_ledger),
                providers.Singleton(dependencies_on_caches, settings, face),
                providers.Singleton(ModelDependency, model),
            ),
        ),
    )
