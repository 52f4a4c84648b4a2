"""How a case is resolved: proposed, decided by a second person, or resolved alone."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.access.user import Actor
from domain.cases.case_action import CaseActionKind, CaseDetails
from domain.cases.case_errors import CaseStateForbids
from domain.cases.case_state import CaseState
from domain.cases.case_text import check_case_text
from domain.cases.claiming import check_second_person
from domain.cases.endings import ended
from domain.cases.proposal import Proposal
from domain.cases.quality import QualityState
from domain.cases.referral_case import ReferralCase

_RESOLVE = "resolve it"


@dataclass(frozen=True, slots=True)
class ResolutionProposed(CaseDetails):
    """A resolution that a second person must agree with. The case leaves the maker's queue."""

    proposal: Proposal
    kind: ClassVar[CaseActionKind] = CaseActionKind.RESOLUTION_PROPOSED

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        case.require_lease(by, at)
        case.require_state(CaseState.ASSIGNED, to=_RESOLVE)
        if not self.proposal.authority.needs_second_person:
            raise CaseStateForbids("this resolution needs no second person: resolve the case")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return replace(
            case,
            state=CaseState.AWAITING_SECOND_APPROVAL,
            assignee=None,
            assigned_at=None,
            proposers=(*case.proposers, by.name),
        )


@dataclass(frozen=True, slots=True)
class CaseResolved(CaseDetails):
    """A resolution within the maker's own authority. `quality_review` says whether a reviewer examines it."""

    proposal: Proposal
    final_decision_id: UUID
    quality_review: bool
    kind: ClassVar[CaseActionKind] = CaseActionKind.RESOLVED

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        case.require_lease(by, at)
        case.require_state(CaseState.ASSIGNED, to=_RESOLVE)
        if self.proposal.authority.needs_second_person:
            raise CaseStateForbids("this resolution needs a second person: propose it")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return _resolved(case, at, quality_review=self.quality_review)


@dataclass(frozen=True, slots=True)
class SecondApprovalGiven(CaseDetails):
    """The second person agrees, and the proposal is the final decision."""

    final_decision_id: UUID
    quality_review: bool
    text: str = ""
    kind: ClassVar[CaseActionKind] = CaseActionKind.SECOND_APPROVAL_GIVEN

    def __post_init__(self) -> None:
        if self.text:
            check_case_text(self.text, "the text")

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        _check_second(case, by, at)

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return _resolved(case, at, quality_review=self.quality_review)


@dataclass(frozen=True, slots=True)
class SecondApprovalRefused(CaseDetails):
    """The second person disagrees. The case is open again, for anyone to resolve otherwise."""

    text: str
    kind: ClassVar[CaseActionKind] = CaseActionKind.SECOND_APPROVAL_REFUSED

    def __post_init__(self) -> None:
        check_case_text(self.text, "the reason for the refusal")

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        _check_second(case, by, at)

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return replace(case, state=CaseState.OPEN, assignee=None, assigned_at=None)


def _check_second(case: ReferralCase, by: Actor, at: datetime) -> None:
    case.require_unfinished()
    case.require_state(CaseState.AWAITING_SECOND_APPROVAL, to="decide on a proposal")
    check_second_person(case, by)
    case.require_lease(by, at)


def _resolved(case: ReferralCase, at: datetime, *, quality_review: bool) -> ReferralCase:
    quality = QualityState.WAITING if quality_review else None
    return replace(ended(case, CaseState.RESOLVED, at), quality=quality)
