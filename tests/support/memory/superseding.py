"""Decisions that supersede others in memory, and the use case over them."""

from adapters.system import TimeOrderedIdentifiers
from application.ports.applications.applications import ApplicationConflict, Applications
from application.ports.applications.superseding_decisions import SupersedingDecision, SupersedingDecisions
from application.ports.cases.cases import CaseConflict, Cases
from application.use_cases.applications.supersede_decision import RecordSuperseding, SupersedeDecision
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from domain.decisions.decision_record import DecisionRecord
from support.memory.applications import MemoryApplications
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions


class MemorySupersedingDecisions(SupersedingDecisions):
    """Over the decisions of a ledger in memory, whose chains are those of the applications."""

    def __init__(self, decisions: MemoryDecisions, applications: Applications, cases: Cases) -> None:
        self._decisions = decisions
        self._applications = applications
        self._cases = cases

    async def record(self, decision: SupersedingDecision) -> DecisionRecord:
        first = None if decision.claim is None else self._decisions.claimed(decision.claim)
        if first is not None:
            found = await self._decisions.find(first)
            assert isinstance(found, DecisionRecord)
            return found
        if await self._applications.find(decision.seen.application_id) != decision.seen:
            raise ApplicationConflict("the application was changed at the same time")
        self._decisions.supersede(decision.record, decision.reference, decision.claim)
        if decision.withdrawal is not None:
            try:
                await self._cases.append(decision.withdrawal)
            except CaseConflict as fault:
                raise ApplicationConflict("the application's case was changed at the same time") from fault
        return decision.record


def superseding_over(assess: AssessLoanApplication, decisions: MemoryDecisions) -> SupersedeDecision:
    """The use case over decisions in memory and the cases that they open."""
    return SupersedeDecision(assess, memory_superseding(decisions))


def memory_superseding(decisions: MemoryDecisions) -> RecordSuperseding:
    """What records superseding decisions in memory."""
    applications, cases = MemoryApplications(decisions), MemoryCases(decisions)
    superseding = MemorySupersedingDecisions(decisions, applications, cases)
    return RecordSuperseding(applications, superseding, cases, TimeOrderedIdentifiers())
