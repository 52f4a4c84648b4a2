"""The composition root: every use case over its production adapters, each created when first needed."""

from adapters.memory.policy_in_force import PolicyDependency
from adapters.persistence.decisions.ledger_dependency import LedgerDependency
from adapters.scoring.bundles.model_dependency import ModelDependency
from application.catalog import UseCases
from application.ports.audit.trail_following import TrailConsumer
from application.use_cases.access.log_in import IssueAccessToken
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicies, FindDecidingPolicy
from application.use_cases.products.read_product_in_force import ReadProductInForce
from application.use_cases.products.read_product_of import ReadProductOf
from entrypoints.composition.configured_adapters import identify_caller, redis_dependencies
from entrypoints.composition.injection import Singleton
from entrypoints.composition.providers.access import AccessProviders
from entrypoints.composition.providers.applications import ApplicationProviders
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.batches import BatchProviders
from entrypoints.composition.providers.cases import CaseProviders
from entrypoints.composition.providers.decisions import DecisionProviders
from entrypoints.composition.providers.foundation import Foundation, observed
from entrypoints.composition.providers.notices import NoticeProviders
from entrypoints.composition.providers.outcomes import OutcomeProviders
from entrypoints.composition.providers.reconsiderations import ReconsiderationProviders
from entrypoints.composition.providers.superseding import SupersedingProviders
from entrypoints.composition.providers.webhooks import WebhookProviders


class Container(NoticeProviders, OutcomeProviders, WebhookProviders):
    """Adapters and use cases of a process; the worker and the commands add their own."""

    trail_consumers: Singleton[dict[str, TrailConsumer]] = Singleton(
        dict, notices=NoticeProviders.notice_follower, webhooks=WebhookProviders.event_follower
    )
    """What follows the audit trail, by name."""
    check_health = Singleton(
        lambda database, ledger, redis, model, policy: CheckHealth((database, ledger, *redis, model, policy)),
        Foundation.database,
        Singleton(LedgerDependency, DecisionProviders.unobserved_ledger),
        Singleton(redis_dependencies, Foundation.settings),
        Singleton(ModelDependency, Foundation.model, Singleton(lambda product: product(), Foundation.product)),
        Singleton(PolicyDependency, Foundation.policy),
    )
    use_cases = Singleton(
        UseCases,
        assess=DecisionProviders.assess,
        assess_once=DecisionProviders.assess_once,
        assess_many=DecisionProviders.assess_many,
        supersede=SupersedingProviders.supersede,
        read_decision=DecisionProviders.read_decision,
        list_decisions=DecisionProviders.list_decisions,
        read_final_decision=DecisionProviders.read_final_decision,
        read_overrides=DecisionProviders.read_overrides,
        read_overview=DecisionProviders.read_overview,
        read_policy_in_force=DecisionProviders.read_policy_in_force,
        find_deciding_policy=observed(
            Foundation.observability,
            FindDecidingPolicy,
            products=DecisionProviders.products,
            policies=DecisionProviders.policies,
        ),
        find_deciding_policies=observed(
            Foundation.observability,
            FindDecidingPolicies,
            product=Foundation.product,
            policies=DecisionProviders.policies,
        ),
        read_product_in_force=Singleton(ReadProductInForce, Foundation.product),
        read_product_of=Singleton(ReadProductOf, Foundation.product, DecisionProviders.products),
        verify_audit_trail=AuditProviders.verify_audit_trail,
        list_events=AuditProviders.list_events,
        contains_synthetic=AuditProviders.contains_synthetic,
        read_last_verifications=AuditProviders.read_last_verifications,
        list_verifications=AuditProviders.list_verifications,
        read_verification=AuditProviders.read_verification,
        export_evidence=DecisionProviders.export_evidence,
        reproduce=DecisionProviders.reproduce,
        find_counterfactual=DecisionProviders.find_counterfactual,
        try_what_if=DecisionProviders.try_what_if,
        log_in=AccessProviders.log_in,
        issue_access_token=Singleton(
            IssueAccessToken, log_in=AccessProviders.log_in, tokens=AccessProviders.tokens
        ),
        identify_caller=Singleton(
            identify_caller,
            Foundation.settings,
            AccessProviders.tokens,
            AccessProviders.directory,
            Foundation.observability,
        ),
        change_own_password=AccessProviders.change_own_password,
        web_sessions=AccessProviders.manage_web_sessions,
        user_administration=AccessProviders.user_administration,
        applications=ApplicationProviders.application_use_cases,
        batches=BatchProviders.batch_use_cases,
        webhooks=WebhookProviders.webhook_use_cases,
        cases=CaseProviders.case_use_cases,
        notices=NoticeProviders.notice_use_cases,
        reconsiderations=ReconsiderationProviders.reconsideration_use_cases,
        outcomes=OutcomeProviders.outcome_use_cases,
        security_events=Foundation.security_events,
        clock=Foundation.clock,
        check_health=check_health,
    )
