"""What was proposed, decided and said on a case so far, which follows from its actions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any
from uuid import UUID

from domain.access.user import Actor
from domain.cases.after_resolution import ConditionChanged, QualityReviewed
from domain.cases.case_action import CaseAction
from domain.cases.own_view import OwnViewEntered
from domain.cases.proposal import Proposal
from domain.cases.resolution import Condition, ConditionState
from domain.cases.resolution_errors import (
    ConditionNotFound,
    NothingProposed,
    OwnViewNotWanted,
    QualityReviewNotWanted,
)
from domain.cases.resolving import CaseResolved, ResolutionProposed, SecondApprovalGiven, SecondApprovalRefused
from domain.policies.final_outcome import FinalOutcome


@dataclass(frozen=True, slots=True)
class Proceedings:
    """The proposal that waits for a second person or became the final decision, and what belongs to it.

    `deciders` are the names of all who proposed, refused, approved or resolved. `own_views` are by name of the
    underwriter. `quality_review` says whether the resolved case is in the share that a second reviewer examines,
    `reviewed` what that person recorded.
    """

    proposal: Proposal | None = None
    maker: Actor | None = None
    checker: Actor | None = None
    deciders: frozenset[str] = frozenset()
    final_decision_id: UUID | None = None
    conditions: tuple[Condition, ...] = ()
    own_views: Mapping[str, FinalOutcome] = field(default_factory=dict)
    quality_review: bool = False
    reviewed: QualityReviewed | None = None
    reviewer: str | None = None

    @classmethod
    def of(cls, actions: Iterable[CaseAction]) -> "Proceedings":
        """What follows from the actions on a case, in their order."""
        return reduce(_after, actions, cls())

    @property
    def awaits_quality_review(self) -> bool:
        """Whether a second reviewer is to examine the resolved case."""
        return self.quality_review and self.reviewed is None

    def proposed(self) -> tuple[Proposal, Actor]:
        """The proposal and its maker; raises NothingProposed."""
        if self.proposal is None or self.maker is None:
            raise NothingProposed("no resolution of this case is proposed: propose one first")
        return self.proposal, self.maker

    def own_view(
        self, by: Actor, outcome: FinalOutcome, text: str, *, recommended: FinalOutcome, policy_is_blind: bool
    ) -> OwnViewEntered:
        """The own view of an underwriter; raises OwnViewNotWanted."""
        if not policy_is_blind:
            raise OwnViewNotWanted("the policy of this decision does not ask for own views: resolve the case")
        if by.name in self.own_views:
            raise OwnViewNotWanted(f"{by.name} has entered an own view of this case already")
        return OwnViewEntered(outcome, text, recommended, agrees=outcome is recommended)

    def condition(self, number: int, state: ConditionState, reason: str) -> ConditionChanged:
        """The change of a condition; raises ConditionNotFound and InvalidConditionChange."""
        found = next((each for each in self.conditions if each.number == number), None)
        if found is None:
            raise ConditionNotFound(f"this case has no condition {number}; it has {len(self.conditions)}")
        found.changed(state, reason)
        return ConditionChanged(number, state, reason)

    def quality(self, by: Actor, outcome: FinalOutcome, text: str) -> QualityReviewed:
        """The review of a second reviewer; raises QualityReviewNotWanted."""
        decided = self.require_quality_review(by)
        return QualityReviewed(outcome, text, agrees=outcome is decided.resolution.outcome)

    def require_quality_review(self, by: Actor) -> Proposal:
        """What was decided; raises QualityReviewNotWanted unless this person may review it."""
        if self.reviewed is not None:
            raise QualityReviewNotWanted(f"{self.reviewer} has reviewed this case already")
        if not self.quality_review or self.proposal is None:
            raise QualityReviewNotWanted("this case is not in the share of resolved cases that are reviewed")
        if by.name in self.deciders:
            raise QualityReviewNotWanted(f"{by.name} decided on this case, and someone else must review it")
        return self.proposal


NO_PROCEEDINGS = Proceedings()
_DECIDING = (ResolutionProposed, SecondApprovalGiven, SecondApprovalRefused, CaseResolved)


def _after(before: Proceedings, action: CaseAction) -> Proceedings:
    actor, details = action.actor, action.details
    changes: dict[str, Any] = {}
    if isinstance(details, _DECIDING):
        changes["deciders"] = before.deciders | {actor.name}
    match details:
        case ResolutionProposed(proposal=proposal):
            changes |= {"proposal": proposal, "maker": actor}
        case SecondApprovalRefused():
            changes |= {"proposal": None, "maker": None}
        case CaseResolved(proposal=proposal):
            changes |= {"proposal": proposal, "maker": actor, **_resolved(proposal, details)}
        case SecondApprovalGiven():
            changes |= {"checker": actor, **_resolved(before.proposal, details)}
        case OwnViewEntered(outcome=outcome):
            changes = {"own_views": {**before.own_views, actor.name: outcome}}
        case ConditionChanged():
            changes = {"conditions": tuple(_changed(each, details) for each in before.conditions)}
        case QualityReviewed():
            changes = {"reviewed": details, "reviewer": actor.name}
    return replace(before, **changes)


def _resolved(proposal: Proposal | None, details: CaseResolved | SecondApprovalGiven) -> dict[str, Any]:
    return {
        "conditions": proposal.resolution.conditions if proposal else (),
        "final_decision_id": details.final_decision_id,
        "quality_review": details.quality_review,
    }


def _changed(condition: Condition, details: ConditionChanged) -> Condition:
    if condition.number != details.number:
        return condition
    return condition.changed(details.state, details.reason)
