"""Archived versions, decisions, evidence on them, and the overview."""

from datetime import timedelta

from adapters.documents.evidence_documents import RenderedEvidence
from adapters.evidence.zip_packages import ZipPackages
from adapters.persistence.applications.applicant_histories import PostgresApplicantHistories
from adapters.persistence.audit.evidence_records import PostgresEvidenceRecords
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.cases.final_decisions import PostgresFinalDecisions
from adapters.persistence.cases.override_records import PostgresOverrideRecords
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from adapters.persistence.decisions.decision_partitions import PostgresDecisionPartitions
from adapters.persistence.decisions.idempotency_keys import PostgresIdempotencyKeys
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.monitoring.decision_aggregates import PostgresDecisionAggregates
from adapters.persistence.monitoring.decision_figures import PostgresDecisionFigures
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.persistence.policies.policy_activations import PostgresPolicyActivations
from adapters.persistence.products.products import PostgresProducts
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import fingerprint_of
from application.use_cases.audit.evidence_versions import EvidenceVersions
from application.use_cases.audit.export_evidence import ExportEvidence
from application.use_cases.cases.read_final_decision import ReadFinalDecision
from application.use_cases.cases.read_overrides import ReadOverrides
from application.use_cases.cases.require_own_view import RequireOwnView
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessOnce
from application.use_cases.decisions.create_upcoming_partitions import CreateUpcomingPartitions
from application.use_cases.decisions.find_counterfactual import FindCounterfactual
from application.use_cases.decisions.purge_idempotency_keys import PurgeIdempotencyKeys
from application.use_cases.decisions.read_decisions import ListDecisions, ReadDecision
from application.use_cases.decisions.reproduce_decision import ReproduceDecision
from application.use_cases.decisions.try_what_if import TryWhatIf
from application.use_cases.models.archive_versions import ArchiveVersions
from application.use_cases.monitoring.read_overview import ReadOverview
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from application.use_cases.policies.read_policy_in_force import ReadPolicyInForce
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.composition.configured_adapters import service_engine
from entrypoints.composition.configured_product import configured_product
from entrypoints.composition.injection import Object, Singleton
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.foundation import Foundation, observed
from entrypoints.composition.secrets import verification_signer
from entrypoints.periodic_tasks.copy_refresh import STATEMENT_SECONDS
from entrypoints.ui.decisions.record_text import record_text


class DecisionProviders(AuditProviders):
    """Archived versions, decisions, evidence on them, and the overview."""

    # Models and policies
    bundles = Singleton(PostgresBundles, Foundation.engine)
    products = Singleton(
        PostgresProducts,
        Foundation.engine,
        Foundation.unreadable_documents,
        in_force=Singleton(configured_product, Foundation.settings),
        of_schema_1=Object(PERSONAL_LOAN),
    )
    policies = Singleton(PostgresPolicies, Foundation.engine, Foundation.unreadable_documents)
    models = Singleton(ArchivedCreditModels, bundles)
    archive_versions = Singleton(
        lambda archive, fingerprint, files, policy: lambda: archive(fingerprint, files, policy()),
        Singleton(ArchiveVersions, bundles, products, policies),
        Singleton(fingerprint_of, Foundation.bundle_files),
        Foundation.bundle_files,
        Foundation.policy,
    )
    read_policy_in_force = Singleton(ReadPolicyInForce, Foundation.policy)
    policy_activations = Singleton(PostgresPolicyActivations, Foundation.engine, AuditProviders.event_chain)

    # Decisions
    archive = Singleton(
        PostgresDecisionArchive,
        Foundation.engine,
        Foundation.unreadable_documents,
        Singleton(lambda product: product().purposes, Foundation.product),
    )
    unobserved_ledger = Singleton(
        PostgresDecisionLedger,
        Foundation.settings.provided.database_url,
        on_commit=Foundation.observability.provided.metrics.ledger.committed,
        tracer=Foundation.observability.provided.tracer,
        unreadable=Foundation.unreadable_documents,
    )
    ledger = Singleton(
        lambda observer, ledger: observer.observe_ledger(ledger), Foundation.observability, unobserved_ledger
    )
    history_engine = Singleton(  # connections of their own: decisions must not wait for lists and figures
        service_engine, Foundation.settings, max_connections=2, command_timeout=STATEMENT_SECONDS
    )
    histories = Singleton(PostgresApplicantHistories, history_engine)
    assess = observed(
        Foundation.observability,
        AssessLoanApplication,
        model=Foundation.model,
        cache=Foundation.caches.provided.predictions,
        policy=Foundation.policy,
        ledger=ledger,
        clock=Foundation.clock,
        identifiers=Foundation.identifiers,
        histories=histories,
    )
    assess_once = observed(Foundation.observability, AssessOnce, assess=assess)
    assess_many = Singleton(
        lambda observer, assess_many: observer.observe_batch(assess_many, "assess_loan_application"),
        Foundation.observability,
        Singleton(AssessMany, assess=assess),
    )
    cases = Singleton(
        PostgresCases,
        Foundation.engine,
        Foundation.unreadable_documents,
        on_change=Foundation.observability.provided.metrics.cases.changed,
    )
    require_own_view = Singleton(
        RequireOwnView, cases, Singleton(FindDecidingPolicy, products=products, policies=policies)
    )
    read_decision = observed(
        Foundation.observability, ReadDecision, archive=archive, require_own_view=require_own_view
    )
    list_decisions = observed(Foundation.observability, ListDecisions, archive=archive)
    final_decisions = Singleton(PostgresFinalDecisions, Foundation.engine, Foundation.unreadable_documents)
    read_final_decision = observed(Foundation.observability, ReadFinalDecision, final_decisions=final_decisions)
    read_overrides = observed(
        Foundation.observability,
        ReadOverrides,
        records=Singleton(PostgresOverrideRecords, Foundation.engine),
        clock=Foundation.clock,
    )
    reproduce = observed(
        Foundation.observability,
        ReproduceDecision,
        read_decision=read_decision,
        products=products,
        models=models,
        policies=policies,
    )
    export_evidence = observed(
        Foundation.observability,
        ExportEvidence,
        archive=archive,
        records=Singleton(PostgresEvidenceRecords, AuditProviders.audit_engine),
        checkpoints=AuditProviders.checkpoints,
        versions=Singleton(EvidenceVersions, products, policies, bundles, Object(record_text)),
        packages=Singleton(ZipPackages),
        renderer=Singleton(RenderedEvidence),
        create_checkpoint=AuditProviders.create_checkpoint,
        record_event=AuditProviders.record_event,
        clock=Foundation.clock,
        identifiers=Foundation.identifiers,
        trusted=AuditProviders.trusted_keys,
        signer=Singleton(verification_signer, Foundation.settings),
    )
    try_what_if = observed(
        Foundation.observability,
        TryWhatIf,
        products=products,
        models=models,
        policies=policies,
        model=Foundation.model,
        policy=Foundation.policy,
        histories=histories,
        clock=Foundation.clock,
    )
    find_counterfactual = observed(
        Foundation.observability,
        FindCounterfactual,
        read_decision=read_decision,
        products=products,
        models=models,
        policies=policies,
        cache=Foundation.caches.provided.results,
    )
    decision_months = Singleton(PostgresDecisionPartitions, Foundation.engine)
    create_upcoming_partitions = observed(
        Foundation.observability,
        CreateUpcomingPartitions,
        months=decision_months,
        clock=Foundation.clock,
    )
    purge_idempotency_keys = observed(
        Foundation.observability,
        PurgeIdempotencyKeys,
        keys=Singleton(PostgresIdempotencyKeys, Foundation.engine),
        keep=Singleton(timedelta, days=Foundation.settings.provided.idempotency_retention_days),
    )
    read_overview = observed(
        Foundation.observability,
        ReadOverview,
        figures=Singleton(PostgresDecisionFigures, Foundation.engine),
        clock=Foundation.clock,
    )
    decision_aggregates = Singleton(PostgresDecisionAggregates, Foundation.engine)
