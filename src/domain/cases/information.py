"""What is learned about a referral case: notes, and what the applicant is asked for."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from domain.access.user import Actor
from domain.cases.case_action import CaseActionKind, CaseDetails
from domain.cases.case_state import CaseState
from domain.cases.case_text import check_case_text
from domain.cases.referral_case import ReferralCase


@dataclass(frozen=True, slots=True)
class CaseNoteAdded(CaseDetails):
    """A note for everyone who reads the case."""

    text: str
    kind: ClassVar[CaseActionKind] = CaseActionKind.NOTE_ADDED

    def __post_init__(self) -> None:
        check_case_text(self.text, "the note")

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        case.require_lease(by, at)

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return case


@dataclass(frozen=True, slots=True)
class InformationRequested(CaseDetails):
    """The applicant is asked for information, until `answer_by`. The due time stops."""

    text: str
    answer_by: datetime
    kind: ClassVar[CaseActionKind] = CaseActionKind.INFORMATION_REQUESTED

    def __post_init__(self) -> None:
        check_case_text(self.text, "the request")

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        case.require_lease(by, at)
        case.require_state(CaseState.ASSIGNED, to="ask the applicant for information")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return replace(case, state=CaseState.AWAITING_APPLICANT, awaiting_since=at, answer_by=self.answer_by)


@dataclass(frozen=True, slots=True)
class InformationReceived(CaseDetails):
    """The applicant answered. The due time moves by the time that the answer took."""

    text: str
    kind: ClassVar[CaseActionKind] = CaseActionKind.INFORMATION_RECEIVED

    def __post_init__(self) -> None:
        check_case_text(self.text, "the answer")

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        case.require_lease(by, at)
        case.require_state(CaseState.AWAITING_APPLICANT, to="record the applicant's answer")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        awaited = at - (case.awaiting_since or at)
        return replace(
            case, state=CaseState.ASSIGNED, due_at=case.due_at + awaited, awaiting_since=None, answer_by=None
        )
