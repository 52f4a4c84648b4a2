"""The composition root: every use case over its production adapters, each created when first needed."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

from adapters.evidence.rendering import ProcessRenderer
from adapters.evidence.zip_packages import ZipPackages
from adapters.memory.policy_in_force import PolicyDependency, RefreshedPolicyInForce
from adapters.memory.product_in_force import MemoryProductInForce
from adapters.memory.user_directory import MemoryUserDirectory
from adapters.observability.wrappers.recorded_use_case import recorded_log_in
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.access.web_sessions import PostgresWebSessions
from adapters.persistence.audit.audit_events import EventChain, PostgresAuditEvents
from adapters.persistence.audit.audit_trail import IN_BACKGROUND, PostgresAuditTrail
from adapters.persistence.audit.checkpoints import PostgresCheckpoints
from adapters.persistence.audit.event_history import PostgresEventHistory
from adapters.persistence.audit.evidence_records import PostgresEvidenceRecords
from adapters.persistence.audit.stored_versions import PostgresStoredVersions
from adapters.persistence.audit.verification_reports import PostgresVerificationReports
from adapters.persistence.batches.batches import PostgresBatches
from adapters.persistence.batches.outbox import PostgresOutbox
from adapters.persistence.database.database_dependency import DatabaseDependency
from adapters.persistence.database.exclusive import SETTINGS, VERIFICATION, ExclusiveSection
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from adapters.persistence.decisions.decision_partitions import PostgresDecisionPartitions
from adapters.persistence.decisions.idempotency_keys import PostgresIdempotencyKeys
from adapters.persistence.decisions.ledger_dependency import LedgerDependency
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.monitoring.decision_aggregates import PostgresDecisionAggregates
from adapters.persistence.monitoring.decision_figures import PostgresDecisionFigures
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.persistence.policies.policy_activations import PostgresPolicyActivations
from adapters.persistence.products.products import PostgresProducts
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import fingerprint_of, parse_champion, read_bundle_files
from adapters.scoring.bundles.model_dependency import ModelDependency
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.security.audit_signing import Ed25519Signatures
from adapters.security.common_passwords import CommonPasswords
from adapters.security.passwords import Argon2PasswordHasher, generate_password
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.catalog import UseCases
from application.use_cases.access.administer_users import UserAdministration
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.access.log_in import IssueAccessToken, LogIn
from application.use_cases.access.login_records import FailedLogins, LoginRecords
from application.use_cases.access.purge_login_attempts import PurgeLoginAttempts
from application.use_cases.access.web_sessions import ManageWebSessions, PurgeWebSessions
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.evidence_versions import EvidenceVersions
from application.use_cases.audit.export_evidence import ExportEvidence
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
from application.use_cases.audit.verify_when_due import VerifyWhenDue
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
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicies, FindDecidingPolicy
from application.use_cases.policies.read_policy_in_force import ReadPolicyInForce
from application.use_cases.products.read_product_in_force import ReadProductInForce
from application.use_cases.products.read_product_of import ReadProductOf
from domain.access.password_policy import PasswordPolicy
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.composition.configured_adapters import (
    batch_quota,
    caches,
    checkpoint_destinations,
    identify_caller,
    login_attempts,
    redis_dependencies,
    service_engine,
)
from entrypoints.composition.configured_product import configured_product
from entrypoints.composition.injection import DeclarativeContainer, Dependency, Object, Singleton
from entrypoints.composition.observability import start_observability
from entrypoints.composition.recorded_settings import DIGEST_KEY, recorded_settings
from entrypoints.composition.secrets import (
    access_tokens,
    checkpoint_signer,
    recipient_secrets,
    trusted_keys,
    verification_signer,
)
from entrypoints.composition.security_events import (
    recorded_administration,
    recorded_batches,
    recorded_password_change,
    recorded_verification,
)
from entrypoints.configuration.settings import Settings
from entrypoints.periodic_tasks.copy_refresh import STATEMENT_SECONDS
from entrypoints.ui.decisions.record_text import record_text


def observed(observability: Any, use_case: type, *, traced: bool = True, **ports: Any) -> Any:
    """A provider of a use case over its ports, with a span and metrics under its name in snake case."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", use_case.__name__).lower()
    return Singleton(
        lambda observer, plain: observer.observe(plain, name, traced=traced),
        observability,
        Singleton(use_case, **ports),
    )


class Container(DeclarativeContainer):
    """Adapters and use cases of a process; the worker and the commands add their own."""

    settings = Dependency(instance_of=Settings)
    process = Dependency(instance_of=str)
    """"api", "ui", "worker" or "command"."""

    # Versions in force
    product = Singleton(MemoryProductInForce, Singleton(configured_product, settings))
    bundle_files = Singleton(read_bundle_files, settings.provided.model_dir)
    bundle = Singleton(
        lambda files, folder, product: parse_champion(files, folder, product()),
        bundle_files,
        settings.provided.model_dir,
        product,
    )
    model = Singleton(TableCreditModel, bundle)
    access_engine = Singleton(  # a separate connection: refreshing copies must not wait for busy ones
        service_engine, settings, max_connections=1, command_timeout=STATEMENT_SECONDS
    )
    policy = Singleton(
        RefreshedPolicyInForce,
        Singleton(PostgresPolicyActivations, access_engine),
        Singleton(PostgresPolicies, access_engine),
        product,
    )

    # Technology shared by all areas
    clock = Singleton(SystemClock)
    identifiers = Singleton(TimeOrderedIdentifiers)
    observability = Singleton(
        start_observability,
        settings,
        process,
        Singleton(lambda model: model.version.version, model).provider,
        policy.provider,
    )
    security_events = observability.provided.security_events
    engine = Singleton(service_engine, settings)
    database = Singleton(DatabaseDependency, engine)
    caches = Singleton(caches, settings, observability)
    unreadable_documents = Singleton(UnreadableDocuments, observability.provided.metrics.documents.unreadable)

    # Audit
    event_chain = Singleton(EventChain)
    acting_person: Any = Object(None)
    """The user whose token was given to a command."""
    new_event = Singleton(EventFactory, clock, identifiers, acting_person)
    checkpoints = Singleton(PostgresCheckpoints, engine)
    signer = Singleton(checkpoint_signer, settings)
    trusted_keys = Singleton(trusted_keys, settings)
    audit_events = Singleton(PostgresAuditEvents, engine, event_chain)
    record_event = observed(observability, RecordEvent, events=audit_events, new_event=new_event)
    create_checkpoint = observed(
        observability, CreateCheckpoint, checkpoints=checkpoints, signer=signer, clock=clock, record=record_event
    )
    publish_checkpoints = Singleton(
        PublishCheckpoints,
        checkpoints,
        Singleton(
            checkpoint_destinations, settings, clock, observability.provided.metrics.state.checkpoint_published
        ),
        observability.provided.metrics.state.checkpoint_published,
    )
    audit_engine = Singleton(service_engine, settings, max_connections=2, command_timeout=None)
    audit_signatures = Singleton(Ed25519Signatures)
    event_history = Singleton(PostgresEventHistory, engine, unreadable_documents)
    recorded_verifications = Singleton(
        RecordedVerifications,
        event_history,
        Singleton(PostgresVerificationReports, engine, event_chain),
        new_event,
        audit_signatures,
        clock,
        trusted=trusted_keys,
        signer=Singleton(verification_signer, settings),
    )
    verification_ports: dict[str, Any] = {  # noqa: RUF012 - read once, below
        "checkpoints": Singleton(PostgresCheckpoints, audit_engine),
        "signatures": audit_signatures,
        "trusted": trusted_keys,
        "versions": Singleton(PostgresStoredVersions, audit_engine),
        "recorded": recorded_verifications,
        "archived": settings.provided.audit_archived_months,
        "activations": Singleton(
            VerifyActivations, Singleton(PostgresPolicyActivations, audit_engine), event_history
        ),
    }
    verify_audit_trail = Singleton(
        recorded_verification,
        observed(
            observability,
            VerifyAuditTrail,
            trail=Singleton(PostgresAuditTrail, audit_engine),
            **verification_ports,
        ),
        security_events,
    )
    verify_gently = Singleton(
        recorded_verification,
        observed(
            observability,
            VerifyAuditTrail,
            trail=Singleton(PostgresAuditTrail, audit_engine, **IN_BACKGROUND),
            **verification_ports,
        ),
        security_events,
    )
    verify_when_due = Singleton(
        VerifyWhenDue,
        verify_gently,
        recorded_verifications,
        checkpoints,
        clock,
        every=Singleton(timedelta, hours=settings.provided.audit_verification_hours),
        exclusively=Singleton(ExclusiveSection, audit_engine, VERIFICATION),
    )
    record_settings = Singleton(
        RecordSettings,
        event_history,
        record_event,
        Singleton(ExclusiveSection, engine, SETTINGS),
        process,
        Singleton(partial, recorded_settings, settings),
        DIGEST_KEY,
    )
    list_events = observed(observability, ListEvents, history=event_history)
    read_last_verifications = Singleton(ReadLastVerifications, recorded_verifications)
    list_verifications = Singleton(ListVerifications, recorded_verifications)
    read_verification = Singleton(ReadVerification, recorded_verifications)

    # Models and policies
    bundles = Singleton(PostgresBundles, engine)
    products = Singleton(
        PostgresProducts,
        engine,
        unreadable_documents,
        in_force=Singleton(configured_product, settings),
        of_schema_1=Object(PERSONAL_LOAN),
    )
    policies = Singleton(PostgresPolicies, engine, unreadable_documents)
    models = Singleton(ArchivedCreditModels, bundles)
    archive_versions = Singleton(
        lambda archive, fingerprint, files, policy: lambda: archive(fingerprint, files, policy()),
        Singleton(ArchiveVersions, bundles, products, policies),
        Singleton(fingerprint_of, bundle_files),
        bundle_files,
        policy,
    )
    read_policy_in_force = Singleton(ReadPolicyInForce, policy)
    policy_activations = Singleton(PostgresPolicyActivations, engine, event_chain)

    # Decisions
    archive = Singleton(
        PostgresDecisionArchive,
        engine,
        unreadable_documents,
        Singleton(lambda product: product().purposes, product),
    )
    unobserved_ledger = Singleton(
        PostgresDecisionLedger,
        settings.provided.database_url,
        on_commit=observability.provided.metrics.ledger.committed,
        tracer=observability.provided.tracer,
        unreadable=unreadable_documents,
    )
    ledger = Singleton(lambda observer, ledger: observer.observe_ledger(ledger), observability, unobserved_ledger)
    assess = observed(
        observability,
        AssessLoanApplication,
        model=model,
        cache=caches.provided.predictions,
        policy=policy,
        ledger=ledger,
        clock=clock,
        identifiers=identifiers,
    )
    assess_once = observed(observability, AssessOnce, assess=assess)
    assess_many = Singleton(
        lambda observer, assess_many: observer.observe_batch(assess_many, "assess_loan_application"),
        observability,
        Singleton(AssessMany, assess=assess),
    )
    read_decision = observed(observability, ReadDecision, archive=archive)
    list_decisions = observed(observability, ListDecisions, archive=archive)
    reproduce = observed(
        observability,
        ReproduceDecision,
        read_decision=read_decision,
        products=products,
        models=models,
        policies=policies,
    )
    export_evidence = observed(
        observability,
        ExportEvidence,
        archive=archive,
        records=Singleton(PostgresEvidenceRecords, audit_engine),
        checkpoints=checkpoints,
        versions=Singleton(EvidenceVersions, products, policies, bundles, Object(record_text)),
        packages=Singleton(ZipPackages),
        renderer=Singleton(ProcessRenderer),
        create_checkpoint=create_checkpoint,
        record_event=record_event,
        clock=clock,
        identifiers=identifiers,
        trusted=trusted_keys,
        signer=Singleton(verification_signer, settings),
    )
    find_counterfactual = observed(
        observability,
        FindCounterfactual,
        read_decision=read_decision,
        products=products,
        models=models,
        policies=policies,
        cache=caches.provided.results,
    )
    create_upcoming_partitions = observed(
        observability, CreateUpcomingPartitions, months=Singleton(PostgresDecisionPartitions, engine), clock=clock
    )
    purge_idempotency_keys = observed(
        observability,
        PurgeIdempotencyKeys,
        keys=Singleton(PostgresIdempotencyKeys, engine),
        keep=Singleton(timedelta, days=settings.provided.idempotency_retention_days),
    )
    read_overview = observed(
        observability,
        ReadOverview,
        figures=Singleton(PostgresDecisionFigures, engine),
        clock=clock,
    )
    decision_aggregates = Singleton(PostgresDecisionAggregates, engine)

    # Batches
    outbox = Singleton(PostgresOutbox, engine)
    recipient_secrets = Singleton(recipient_secrets, settings)
    batches = Singleton(
        PostgresBatches,
        settings.provided.database_url,
        engine,
        quota=Singleton(batch_quota, settings),
        events=event_chain,
        traceparent=observability.provided.traceparent,
    )
    batch_use_cases = Singleton(
        recorded_batches,
        Singleton(
            BatchUseCases.over,
            batches,
            outbox,
            recipient_secrets,
            clock,
            identifiers,
            plain_webhooks=settings.provided.allow_insecure_webhooks,
            record=record_event,
        ),
        observability,
    )
    purge_batches = observed(
        observability,
        PurgeBatches,
        batches=batches,
        keep=Singleton(timedelta, days=settings.provided.batch_retention_days),
    )

    # Access
    users = Singleton(PostgresUsers, engine, event_chain)
    directory = Singleton(MemoryUserDirectory, Singleton(PostgresUsers, access_engine))
    passwords = Singleton(Argon2PasswordHasher)
    password_policy = Singleton(PasswordPolicy, Singleton(CommonPasswords))
    tokens = Singleton(
        access_tokens,
        settings,
        clock,
        lifetime=Singleton(timedelta, minutes=settings.provided.access_token_minutes),
    )
    login_attempts = Singleton(login_attempts, settings, engine, observability, event_chain)
    login_records = Singleton(
        LoginRecords, audit_events, new_event, Singleton(FailedLogins, clock), process, users
    )
    log_in = Singleton(
        recorded_log_in,
        observed(
            observability, LogIn, users=users, passwords=passwords, attempts=login_attempts, records=login_records
        ),
        security_events,
    )
    change_own_password = Singleton(
        recorded_password_change,
        observed(
            observability,
            ChangeOwnPassword,
            log_in=log_in,
            users=users,
            passwords=passwords,
            policy=password_policy,
            new_event=new_event,
        ),
        security_events,
    )
    purge_login_attempts = observed(observability, PurgeLoginAttempts, attempts=login_attempts)
    session_idle = Singleton(timedelta, minutes=settings.provided.session_idle_minutes)
    web_sessions = Singleton(PostgresWebSessions, access_engine)
    manage_web_sessions = Singleton(ManageWebSessions, web_sessions, directory, clock, session_idle, new_event)
    user_administration = Singleton(
        recorded_administration,
        Singleton(
            UserAdministration.over,
            users=users,
            passwords=passwords,
            attempts=login_attempts,
            web_sessions=web_sessions,
            directory=directory,
            clock=clock,
            idle=session_idle,
            new_event=new_event,
            generate_password=Object(generate_password),
        ),
        observability,
    )
    purge_web_sessions = observed(observability, PurgeWebSessions, sessions=web_sessions, clock=clock)

    # What the API and the web interface receive
    check_health = Singleton(
        lambda database, ledger, redis, model, policy: CheckHealth((database, ledger, *redis, model, policy)),
        database,
        Singleton(LedgerDependency, unobserved_ledger),
        Singleton(redis_dependencies, settings),
        Singleton(ModelDependency, model, Singleton(lambda product: product(), product)),
        Singleton(PolicyDependency, policy),
    )
    use_cases = Singleton(
        UseCases,
        assess=assess,
        assess_once=assess_once,
        assess_many=assess_many,
        read_decision=read_decision,
        list_decisions=list_decisions,
        read_overview=read_overview,
        read_policy_in_force=read_policy_in_force,
        find_deciding_policy=observed(observability, FindDecidingPolicy, products=products, policies=policies),
        find_deciding_policies=observed(observability, FindDecidingPolicies, product=product, policies=policies),
        read_product_in_force=Singleton(ReadProductInForce, product),
        read_product_of=Singleton(ReadProductOf, product, products),
        verify_audit_trail=verify_audit_trail,
        list_events=list_events,
        read_last_verifications=read_last_verifications,
        list_verifications=list_verifications,
        read_verification=read_verification,
        export_evidence=export_evidence,
        reproduce=reproduce,
        find_counterfactual=find_counterfactual,
        log_in=log_in,
        issue_access_token=Singleton(IssueAccessToken, log_in=log_in, tokens=tokens),
        identify_caller=Singleton(identify_caller, settings, tokens, directory, observability),
        change_own_password=change_own_password,
        web_sessions=manage_web_sessions,
        user_administration=user_administration,
        batches=batch_use_cases,
        security_events=security_events,
        clock=clock,
        check_health=check_health,
    )
