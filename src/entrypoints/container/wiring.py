"""What the faces need, wired: use cases over the production adapters, observed, each made when first asked for."""

from datetime import timedelta
from typing import Any

from dependency_injector import containers, providers

from adapters.messaging.signatures import RecipientSecrets
from adapters.observability.observability import Observability
from adapters.persistence.audit_trail import PostgresAuditTrail
from adapters.persistence.batches import PostgresBatches
from adapters.persistence.checkpoints import PostgresCheckpoints
from adapters.persistence.connections import reading_engine
from adapters.persistence.database_dependency import DatabaseDependency
from adapters.persistence.decision_archive import PostgresDecisionArchive
from adapters.persistence.decision_figures import PostgresDecisionFigures
from adapters.persistence.decision_ledger import PostgresDecisionLedger
from adapters.persistence.decision_months import PostgresDecisionMonths
from adapters.persistence.idempotency_keys import PostgresIdempotencyKeys
from adapters.persistence.ledger_dependency import LedgerDependency
from adapters.persistence.outbox import PostgresOutbox
from adapters.persistence.users import PostgresUsers
from adapters.persistence.versions import PostgresBundles, PostgresPolicies
from adapters.scoring.bundle import bundle_files, bundle_from
from adapters.scoring.kept_credit_models import KeptCreditModels
from adapters.scoring.model_dependency import ModelDependency
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.audit_signing import Ed25519Signatures
from adapters.security.passwords import Argon2PasswordHasher
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.batch_use_cases import BatchUseCases
from application.catalogue import UseCases
from application.use_cases.assess_loan_application import AssessLoanApplication
from application.use_cases.assess_once import AssessOnce
from application.use_cases.assess_together import AssessTogether
from application.use_cases.check_health import CheckHealth
from application.use_cases.explain_what_would_change import ExplainWhatWouldChange
from application.use_cases.forget_attempts import ForgetAttempts
from application.use_cases.forget_old_batches import ForgetOldBatches
from application.use_cases.forget_old_keys import ForgetOldKeys
from application.use_cases.keep_versions import KeepVersions
from application.use_cases.log_in import IssueAccessToken, LogIn
from application.use_cases.make_checkpoint import MakeCheckpoint
from application.use_cases.make_months_ahead import MakeMonthsAhead
from application.use_cases.read_decisions import ListDecisions, ReadDecision
from application.use_cases.read_overview import ReadOverview
from application.use_cases.reproduce_decision import ReproduceDecision
from application.use_cases.verify_audit_trail import VerifyAuditTrail
from domain.policy.version_1 import POLICY_1
from entrypoints.container.caches import caches, dependencies_on_caches
from entrypoints.container.limits import batch_quota, caller_knower, log_in_attempts
from entrypoints.container.release import VERSION
from entrypoints.container.secrets import checkpoint_signer, secret_key, trusted_keys
from entrypoints.settings import Settings


def _start_observability(settings: Settings, face: str, model: TableCreditModel) -> Observability:
    return Observability.start(
        service=f"scoring-{face}",
        version=VERSION,
        model_version=model.version.version,
        policy_version=POLICY_1.version,
        log_level=settings.log_level,
        log_format=settings.log_format,
        otlp_endpoint=settings.otlp_endpoint,
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

    engine = providers.Singleton(reading_engine, settings.provided.database_url)
    archive = providers.Singleton(PostgresDecisionArchive, engine)
    checkpoints = providers.Singleton(PostgresCheckpoints, engine)
    bundles = providers.Singleton(PostgresBundles, engine)
    policies = providers.Singleton(PostgresPolicies, engine)
    models = providers.Singleton(KeptCreditModels, bundles)
    keep_versions = providers.Singleton(KeepVersions, bundles=bundles, policies=policies)
    users = providers.Singleton(PostgresUsers, engine)
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
        JwtAccessTokens,
        providers.Singleton(secret_key, settings),
        clock,
        lifetime=providers.Singleton(timedelta, minutes=settings.provided.token_minutes),
    )

    make_checkpoint = _observed(
        observability,
        "make_checkpoint",
        MakeCheckpoint,
        checkpoints=checkpoints,
        signer=providers.Singleton(checkpoint_signer, settings),
        clock=clock,
    )
    make_months_ahead = _observed(
        observability,
        "make_months_ahead",
        MakeMonthsAhead,
        months=providers.Singleton(PostgresDecisionMonths, engine),
        clock=clock,
    )
    forget_old_keys = _observed(
        observability,
        "forget_old_keys",
        ForgetOldKeys,
        keys=providers.Singleton(PostgresIdempotencyKeys, engine),
        keep=providers.Singleton(timedelta, days=settings.provided.idempotency_days),
    )
    stored_batches = providers.Singleton(
        PostgresBatches,
        settings.provided.database_url,
        engine,
        quota=providers.Singleton(batch_quota, settings),
    )
    forget_old_batches = _observed(
        observability,
        "forget_old_batches",
        ForgetOldBatches,
        batches=stored_batches,
        keep=providers.Singleton(timedelta, days=settings.provided.batch_days),
    )
    attempts = providers.Singleton(log_in_attempts, settings, engine, observability)
    forget_attempts = _observed(observability, "forget_attempts", ForgetAttempts, attempts=attempts)
    log_in = _observed(observability, "log_in", LogIn, users=users, passwords=passwords, attempts=attempts)
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
        assess_together=providers.Singleton(
            lambda watcher, together: watcher.observe_each(together, "assess_loan_application"),
            observability,
            providers.Singleton(AssessTogether, assess=assess),
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
        verify_audit_trail=_observed(
            observability,
            "verify_audit_trail",
            VerifyAuditTrail,
            trail=providers.Singleton(PostgresAuditTrail, engine),
            checkpoints=checkpoints,
            signatures=providers.Singleton(Ed25519Signatures),
            trusted=providers.Singleton(trusted_keys, settings),
        ),
        reproduce=_observed(
            observability,
            "reproduce_decision",
            ReproduceDecision,
            read_decision=read_decision,
            models=models,
            policies=policies,
        ),
        what_would_change=_observed(
            observability,
            "explain_what_would_change",
            ExplainWhatWouldChange,
            read_decision=read_decision,
            models=models,
            policies=policies,
            answers=caches.provided.answers,
        ),
        log_in=log_in,
        issue_access_token=providers.Singleton(IssueAccessToken, log_in=log_in, tokens=tokens),
        identify_caller=providers.Singleton(caller_knower, settings, tokens, observability),
        batches=providers.Singleton(
            BatchUseCases.over,
            stored_batches,
            providers.Singleton(PostgresOutbox, engine),
            providers.Singleton(RecipientSecrets, providers.Singleton(secret_key, settings)),
            clock,
            identifiers,
            plain_webhooks=settings.provided.webhooks_anywhere,
        ),
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
