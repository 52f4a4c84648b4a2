"""The use cases of referral cases over stores in memory."""

from adapters.memory.products import MemoryProducts
from adapters.system import TimeOrderedIdentifiers
from application.ports.access.users import Users
from application.ports.operations.clock import Clock
from application.ports.policies.policies import Policies
from application.use_cases.cases.case_use_cases import CaseUseCases
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.products.personal_loan import PERSONAL_LOAN
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions


def cases_over(decisions: MemoryDecisions, users: Users, policies: Policies, clock: Clock) -> CaseUseCases:
    """The cases that these decisions open."""
    return CaseUseCases.over(
        cases=MemoryCases(decisions),
        archive=decisions,
        users=users,
        find_policy=FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), policies),
        clock=clock,
        identifiers=TimeOrderedIdentifiers(),
    )
