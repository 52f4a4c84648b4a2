"""What happens to a referral case apart from work on it: it is withdrawn, expires, or passes its due time."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import ClassVar

from domain.access.user import Actor
from domain.cases.case_action import CaseActionKind, CaseDetails
from domain.cases.case_errors import CaseStateForbids
from domain.cases.case_state import CaseState
from domain.cases.referral_case import ReferralCase


class WithdrawalReason(Enum):
    """Why a case needs no resolution any more."""

    APPLICATION_WITHDRAWN = "application_withdrawn"
    SUPERSEDED = "superseded"
    """A later decision on the same application takes the place of the referred one."""


@dataclass(frozen=True, slots=True)
class CaseWithdrawn(CaseDetails):
    """The case ends without a resolution. It needs no lease: what happened to the application decides."""

    reason: WithdrawalReason
    kind: ClassVar[CaseActionKind] = CaseActionKind.WITHDRAWN

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        case.require_unfinished()

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return ended(case, CaseState.WITHDRAWN, at)


@dataclass(frozen=True, slots=True)
class CaseExpired(CaseDetails):
    """The applicant was awaited for too long."""

    kind: ClassVar[CaseActionKind] = CaseActionKind.EXPIRED

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        case.require_unfinished()
        if case.answer_by is None or case.answer_by > at:
            raise CaseStateForbids("a case expires only after the time in which the applicant could answer")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return ended(case, CaseState.EXPIRED, at)


@dataclass(frozen=True, slots=True)
class DueTimePassed(CaseDetails):
    """The case was not finished in time, which is recorded once."""

    kind: ClassVar[CaseActionKind] = CaseActionKind.DUE_TIME_PASSED

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        case.require_unfinished()
        if case.breached_at is not None or not case.overdue_at(at):
            raise CaseStateForbids("a passed due time is recorded once, and not while the applicant is awaited")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return replace(case, breached_at=at)


def ended(case: ReferralCase, state: CaseState, at: datetime) -> ReferralCase:
    """The case in a final state, which no person holds or awaits."""
    return replace(
        case, state=state, assignee=None, assigned_at=None, awaiting_since=None, answer_by=None, ended_at=at
    )
