"""The underwriter's own view of a case, entered before the score is shown, if the policy asks for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.access.user import Actor
from domain.cases.case_action import CaseActionKind, CaseDetails
from domain.cases.case_state import CaseState
from domain.cases.case_text import check_case_text
from domain.cases.referral_case import ReferralCase
from domain.policies.final_outcome import FinalOutcome


@dataclass(frozen=True, slots=True)
class OwnViewEntered(CaseDetails):
    """What the actor would decide without the score, what the system recommends, and whether they agree."""

    outcome: FinalOutcome
    text: str
    recommended: FinalOutcome
    agrees: bool
    kind: ClassVar[CaseActionKind] = CaseActionKind.OWN_VIEW_ENTERED

    def __post_init__(self) -> None:
        check_case_text(self.text, "the reason for the view")

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        case.require_lease(by, at)
        case.require_state(CaseState.ASSIGNED, CaseState.AWAITING_APPLICANT, to="enter an own view")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return case
