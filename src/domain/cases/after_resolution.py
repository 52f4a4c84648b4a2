"""What happens on a case after its resolution: conditions are met or waived, and some cases are reviewed again."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from domain.access.user import Actor
from domain.cases.case_action import CaseActionKind, CaseDetails
from domain.cases.case_errors import CaseStateForbids
from domain.cases.case_state import CaseState
from domain.cases.case_text import check_case_text
from domain.cases.quality import QualityState
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import ConditionState
from domain.cases.resolution_errors import QualityReviewNotWanted
from domain.policies.final_outcome import FinalOutcome


@dataclass(frozen=True, slots=True)
class ConditionChanged(CaseDetails):
    """A condition of the resolution was met, or waived for a reason."""

    number: int
    state: ConditionState
    reason: str = ""
    kind: ClassVar[CaseActionKind] = CaseActionKind.CONDITION_CHANGED

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        require_resolved(case, "change a condition")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return case


@dataclass(frozen=True, slots=True)
class QualityReviewed(CaseDetails):
    """What a second reviewer, who did not see the decision, would have decided, and whether they agree."""

    outcome: FinalOutcome
    text: str
    agrees: bool
    kind: ClassVar[CaseActionKind] = CaseActionKind.QUALITY_REVIEWED

    def __post_init__(self) -> None:
        check_case_text(self.text, "the reason of the review")

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        require_resolved(case, "review its quality")
        if case.quality is not QualityState.WAITING:
            raise QualityReviewNotWanted("this case does not wait for a quality review")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return replace(case, quality=QualityState.AGREED if self.agrees else QualityState.DISAGREED)


def require_resolved(case: ReferralCase, to: str) -> None:
    """Raise CaseStateForbids unless the case is resolved."""
    if case.state is not CaseState.RESOLVED:
        raise CaseStateForbids(f"this case is {case.state.words}; it must be resolved to {to}")
