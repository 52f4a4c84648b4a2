"""The catalog of use cases."""

from collections.abc import Callable
from dataclasses import dataclass

from application.ports.access.security_events import SecurityEvents
from application.ports.operations.clock import Clock
from application.use_cases.access.administer_users import UserAdministration
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.access.log_in import IdentifyCaller, IssueAccessToken, LogIn
from application.use_cases.access.manage_users import (
    AddUser,
    ChangePassword,
    ChangeRole,
    EndSessions,
    ListUsers,
    RemoveUser,
)
from application.use_cases.access.web_sessions import EndWebSession, ListWebSessions, ManageWebSessions
from application.use_cases.applications.application_use_cases import ApplicationUseCases
from application.use_cases.applications.supersede_decision import SupersedeDecision
from application.use_cases.audit.contains_synthetic import ContainsSynthetic
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.export_evidence import ExportEvidence
from application.use_cases.audit.list_events import ListEvents
from application.use_cases.audit.read_last_checkpoint import ReadLastCheckpoint
from application.use_cases.audit.read_verifications import (
    ListVerifications,
    ReadLastVerifications,
    ReadVerification,
)
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from application.use_cases.batches.batch_use_cases import BatchUseCases
from application.use_cases.cases.case_use_cases import CaseUseCases
from application.use_cases.cases.read_final_decision import ReadFinalDecision
from application.use_cases.cases.read_overrides import ReadOverrides
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessOnce
from application.use_cases.decisions.find_counterfactual import FindCounterfactual
from application.use_cases.decisions.read_decisions import ListDecisions, ReadDecision
from application.use_cases.decisions.reproduce_decision import ReproduceDecision
from application.use_cases.decisions.try_what_if import TryWhatIf
from application.use_cases.monitoring.read_overview import ReadOverview
from application.use_cases.notices.notice_use_cases import NoticeUseCases
from application.use_cases.operations.check_health import CheckHealth
from application.use_cases.outcomes.outcome_use_cases import OutcomeUseCases
from application.use_cases.policies.activate_policy import ActivatePolicy
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicies, FindDecidingPolicy
from application.use_cases.policies.read_policies import ListPolicyActivations, ReadPolicy
from application.use_cases.policies.read_policy_in_force import ReadPolicyInForce
from application.use_cases.products.read_product_in_force import ReadProductInForce
from application.use_cases.products.read_product_of import ReadProductOf
from application.use_cases.reconsiderations.reconsideration_use_cases import ReconsiderationUseCases
from application.use_cases.webhooks.dead_letters import ListDeadLetters, RetryDeadLetter
from application.use_cases.webhooks.manage_subscriptions import (
    EndSubscription,
    ListSubscriptions,
    RetryUndelivered,
    SendTestEvent,
)
from application.use_cases.webhooks.webhook_use_cases import WebhookUseCases
from domain.access.user import Actor


@dataclass(frozen=True, slots=True)
class UseCases:
    """The use cases, ready to be called; the API and the web interface receive this and nothing else."""

    assess: AssessLoanApplication
    assess_once: AssessOnce
    assess_many: AssessMany
    supersede: SupersedeDecision
    read_decision: ReadDecision
    list_decisions: ListDecisions
    read_final_decision: ReadFinalDecision
    read_overrides: ReadOverrides
    read_overview: ReadOverview
    read_policy_in_force: ReadPolicyInForce
    find_deciding_policy: FindDecidingPolicy
    find_deciding_policies: FindDecidingPolicies
    read_product_in_force: ReadProductInForce
    read_product_of: ReadProductOf
    verify_audit_trail: VerifyAuditTrail
    list_events: ListEvents
    contains_synthetic: ContainsSynthetic
    read_last_verifications: ReadLastVerifications
    list_verifications: ListVerifications
    read_verification: ReadVerification
    export_evidence: ExportEvidence
    reproduce: ReproduceDecision
    find_counterfactual: FindCounterfactual
    try_what_if: TryWhatIf
    log_in: LogIn
    issue_access_token: IssueAccessToken
    identify_caller: IdentifyCaller
    change_own_password: ChangeOwnPassword
    web_sessions: ManageWebSessions
    user_administration: UserAdministration
    check_health: CheckHealth
    applications: ApplicationUseCases
    batches: BatchUseCases
    webhooks: WebhookUseCases
    cases: CaseUseCases
    notices: NoticeUseCases
    reconsiderations: ReconsiderationUseCases
    outcomes: OutcomeUseCases
    security_events: SecurityEvents
    clock: Clock


@dataclass(frozen=True, slots=True)
class CommandUseCases:
    """The use cases of the command line, whose operator is authorized by access to the machine."""

    person: Actor | None
    """The user whose token was given, if any."""
    generate_password: Callable[[], str]
    list_users: ListUsers
    add_user: AddUser
    change_password: ChangePassword
    change_own_password: ChangeOwnPassword
    change_role: ChangeRole
    end_sessions: EndSessions
    remove_user: RemoveUser
    list_web_sessions: ListWebSessions
    end_web_session: EndWebSession
    list_dead_letters: ListDeadLetters
    retry_dead_letter: RetryDeadLetter
    list_subscriptions: ListSubscriptions
    end_subscription: EndSubscription
    send_test_event: SendTestEvent
    retry_undelivered: RetryUndelivered
    verify_audit_trail: VerifyAuditTrail
    list_events: ListEvents
    list_verifications: ListVerifications
    read_verification: ReadVerification
    export_evidence: ExportEvidence
    create_checkpoint: CreateCheckpoint
    read_last_checkpoint: ReadLastCheckpoint
    reproduce: ReproduceDecision
    list_policy_activations: ListPolicyActivations
    read_policy: ReadPolicy
    activate_policy: ActivatePolicy
    read_product_in_force: ReadProductInForce
