"""Withhold decisions from underwriters who are to form an own view of their case first."""

from dataclasses import dataclass

from application.ports.cases.cases import Cases
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.access.user import Actor, Permission
from domain.cases.blind import is_blind
from domain.cases.proceedings import Proceedings
from domain.cases.resolution_errors import OwnViewRequired
from domain.decisions.decision_record import DecisionRecord


@dataclass(frozen=True, slots=True)
class RequireOwnView:
    """Refuses a decision while a blind policy withholds its score on an unfinished case, as `ReadCase` does."""

    cases: Cases
    find_policy: FindDecidingPolicy

    async def __call__(self, record: DecisionRecord, *, by: Actor) -> None:
        """Raise OwnViewRequired if the score of this decision is withheld from the actor."""
        if not by.may(Permission.WORK_CASES):
            return
        unfinished = [case for case in await self.cases.of_decision(record.decision_id) if not case.state.ended]
        policy = await self.find_policy(record) if unfinished else None
        if policy is None or not policy.review_terms.blind:
            return
        for case in unfinished:
            proceedings = Proceedings.of(await self.cases.actions(case.case_id))
            if is_blind(case, proceedings, by, policy_is_blind=True):
                raise OwnViewRequired(
                    "the score of this decision is withheld until you have entered your own view of its case",
                    case.case_id,
                )
