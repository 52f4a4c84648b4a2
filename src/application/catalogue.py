"""Everything the service can be asked."""

from dataclasses import dataclass

from application.batch_use_cases import BatchUseCases
from application.ports.security_events import SecurityEvents
from application.use_cases.assess_loan_application import AssessLoanApplication
from application.use_cases.assess_once import AssessOnce
from application.use_cases.assess_together import AssessTogether
from application.use_cases.change_own_password import ChangeOwnPassword
from application.use_cases.check_health import CheckHealth
from application.use_cases.explain_what_would_change import ExplainWhatWouldChange
from application.use_cases.log_in import IdentifyCaller, IssueAccessToken, LogIn
from application.use_cases.read_decisions import ListDecisions, ReadDecision
from application.use_cases.read_overview import ReadOverview
from application.use_cases.reproduce_decision import ReproduceDecision
from application.use_cases.verify_audit_trail import VerifyAuditTrail
from application.use_cases.web_sessions import ManageWebSessions


@dataclass(frozen=True, slots=True)
class UseCases:
    """The use cases, ready to be called; every face gets this and nothing else."""

    assess: AssessLoanApplication
    assess_once: AssessOnce
    assess_together: AssessTogether
    read_decision: ReadDecision
    list_decisions: ListDecisions
    read_overview: ReadOverview
    verify_audit_trail: VerifyAuditTrail
    reproduce: ReproduceDecision
    what_would_change: ExplainWhatWouldChange
    log_in: LogIn
    issue_access_token: IssueAccessToken
    identify_caller: IdentifyCaller
    change_own_password: ChangeOwnPassword
    web_sessions: ManageWebSessions
    check_health: CheckHealth
    batches: BatchUseCases
    security_events: SecurityEvents
