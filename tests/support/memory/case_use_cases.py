"""The use cases of referral cases over stores in memory."""

from adapters.memory.products import MemoryProducts
from adapters.system import TimeOrderedIdentifiers
from application.ports.access.users import Users
from application.ports.applications.applications import Applications
from application.ports.models.credit_models import CreditModels
from application.ports.operations.clock import Clock
from application.ports.policies.policies import Policies
from application.ports.policies.policy_in_force import PolicyInForce
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.cases.case_use_cases import CaseUseCases
from application.use_cases.cases.check_application import CheckApplication
from application.use_cases.cases.require_own_view import RequireOwnView
from application.use_cases.decisions.read_decisions import ReadDecision
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.products.personal_loan import PERSONAL_LOAN
from support.memory.applications import MemoryApplications
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions


def cases_over(  # noqa: PLR0917 - the stores
    decisions: MemoryDecisions,
    users: Users,
    policies: Policies,
    clock: Clock,
    models: CreditModels,
    policy: PolicyInForce,
    applications: Applications | None = None,
    cases: MemoryCases | None = None,
) -> CaseUseCases:
    """The cases that these decisions open."""
    cases, products = cases or MemoryCases(decisions), MemoryProducts(PERSONAL_LOAN)
    find_policy = FindDecidingPolicy(products, policies)
    applications = applications or MemoryApplications(decisions)
    return CaseUseCases.over(
        cases=cases,
        find_rules=FindCaseRules(decisions, products, models, policies, cases),
        check_application=CheckApplication(applications, FindLife(find_policy), clock),
        users=users,
        find_policy=find_policy,
        policy=policy,
        clock=clock,
        identifiers=TimeOrderedIdentifiers(),
    )


def read_decision_over(decisions: MemoryDecisions, policies: Policies) -> ReadDecision:
    """Reads one of these decisions."""
    find_policy = FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), policies)
    return ReadDecision(decisions, RequireOwnView(MemoryCases(decisions), find_policy))
