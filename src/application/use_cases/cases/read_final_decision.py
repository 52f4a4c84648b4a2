"""Read what a person decided last on a decision."""

from dataclasses import dataclass

from application.ports.cases.final_decisions import FinalDecisions
from application.use_cases.decisions.read_decisions import DecisionNotFound
from domain.access.user import Actor, Permission
from domain.cases.final_decision import FinalDecision
from domain.decisions.decision_record import DecisionRecord


@dataclass(frozen=True, slots=True)
class ReadFinalDecision:
    """Reads the final decision on a decision that the actor may read."""

    final_decisions: FinalDecisions

    async def __call__(self, record: DecisionRecord, *, by: Actor) -> FinalDecision | None:
        """The last final decision; None if no person has decided. Raises DecisionNotFound and CaseUnreadable."""
        by.require(Permission.READ_DECISIONS)
        if not by.may_see(record.requested_by.name):
            raise DecisionNotFound(f"there is no decision {record.decision_id}")
        return await self.final_decisions.last(record.decision_id)
