"""Who works on a referral case: it is claimed, released and reassigned."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from domain.access.user import Actor, Permission, Role
from domain.cases.case_action import CaseActionKind, CaseDetails
from domain.cases.case_errors import SecondApprovalNotPermitted, SecondPersonRequired, UnsuitableAssignee
from domain.cases.case_state import CaseState
from domain.cases.referral_case import ReferralCase


@dataclass(frozen=True, slots=True)
class CaseClaimed(CaseDetails):
    """The actor takes a case that no other person holds. A case that awaits someone keeps its state."""

    kind: ClassVar[CaseActionKind] = CaseActionKind.CLAIMED

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        case.require_unfinished()
        case.require_free(by, at)
        check_second_person(case, by)

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:
        return _assigned(case, by.name, at)


@dataclass(frozen=True, slots=True)
class CaseReleased(CaseDetails):
    """The actor gives the case back to the queue."""

    kind: ClassVar[CaseActionKind] = CaseActionKind.RELEASED

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:
        case.require_lease(by, at)

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return unassigned(case)


@dataclass(frozen=True, slots=True)
class CaseReassigned(CaseDetails):
    """A senior gives the case to another person, in the present role; an earlier holder loses it."""

    to: str
    role: Role
    kind: ClassVar[CaseActionKind] = CaseActionKind.REASSIGNED

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        case.require_unfinished()
        assignee = Actor(self.to, self.role)
        if not assignee.may(Permission.WORK_CASES):
            raise UnsuitableAssignee(
                f"the case cannot be given to {self.to} ({self.role.value}), "
                f"who may not {Permission.WORK_CASES.value}"
            )
        check_second_person(case, assignee)

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return _assigned(case, self.to, at)


def check_second_person(case: ReferralCase, by: Actor) -> None:
    """Raise a CaseError if the case awaits a second approval that this person may not give.

    The person needs the permission, and must not have proposed a resolution of this case.
    """
    if case.state is not CaseState.AWAITING_SECOND_APPROVAL:
        return
    if not by.may(Permission.GIVE_SECOND_APPROVALS):
        raise SecondApprovalNotPermitted(
            f"this case awaits a second approval, and {by.name} ({by.role.value}) may not "
            f"{Permission.GIVE_SECOND_APPROVALS.value}"
        )
    if by.name in case.proposers:
        raise SecondPersonRequired(
            f"a second person must decide on this proposal: {by.name} has proposed a resolution of this case"
        )


def unassigned(case: ReferralCase) -> ReferralCase:
    """The case without an assignee; open unless it awaits someone."""
    state = CaseState.OPEN if case.state is CaseState.ASSIGNED else case.state
    return replace(case, state=state, assignee=None, assigned_at=None)


def _assigned(case: ReferralCase, to: str, at: datetime) -> ReferralCase:
    state = CaseState.ASSIGNED if case.state is CaseState.OPEN else case.state
    return replace(case, state=state, assignee=to, assigned_at=at)
