"""The referral case: the work of people on a decision that the system referred to them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Self
from uuid import UUID

from domain.access.user import Actor
from domain.applications.money import Money
from domain.applications.synthetic import is_synthetic
from domain.cases.case_action import CaseAction, CaseDetails
from domain.cases.case_errors import (
    CaseChanged,
    CaseEnded,
    CaseHeld,
    CaseNotClaimed,
    CaseStateForbids,
    InvalidCaseHistory,
    moment,
)
from domain.cases.case_state import CaseState
from domain.cases.quality import QualityState
from domain.decisions.decision_record import DecisionRecord


@dataclass(frozen=True, slots=True)
class ReferralCase:
    """A case in its present state. The case of a referred decision has the decision's identifier.

    `amount`, `grade`, `requested_by`, `reasons` (their codes), the references and `synthetic` are the decision's.
    `proposers` made a proposal that needed a second approval, the last one last. `awaiting_since` and `answer_by`
    are set while the applicant is awaited. `request_due_at` is when the answer to a request of the applicant is
    due. All follows from the decision and the actions except `lease_until`, which activity renews.
    """

    case_id: UUID
    decision_id: UUID
    opened_at: datetime
    due_at: datetime
    amount: Money
    grade: str
    requested_by: str
    reasons: tuple[str, ...]
    application_reference: str | None = None
    applicant_reference: str | None = None
    state: CaseState = CaseState.OPEN
    version: int = 0
    assignee: str | None = None
    assigned_at: datetime | None = None
    lease_until: datetime | None = None
    proposers: tuple[str, ...] = ()
    awaiting_since: datetime | None = None
    answer_by: datetime | None = None
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None
    quality: QualityState | None = None
    synthetic: bool = False
    request_due_at: datetime | None = None

    @classmethod
    def opened(cls, record: DecisionRecord) -> Self:
        """The case that a referred decision opens; raises ValueError if the decision opens none."""
        if record.case_due_at is None:
            raise ValueError(f"decision {record.decision_id} opens no case")
        return cls(
            case_id=record.decision_id,
            decision_id=record.decision_id,
            opened_at=record.decided_at,
            due_at=record.case_due_at,
            amount=record.application.terms.amount,
            grade=record.decision.grade,
            requested_by=record.requested_by.name,
            reasons=tuple([reason.code for reason in record.decision.reasons]),
            application_reference=record.identity.application_reference,
            applicant_reference=record.identity.applicant_reference,
            synthetic=is_synthetic(record.identity),
        )

    def act(self, details: CaseDetails, *, by: Actor, at: datetime, action_id: UUID) -> CaseAction:
        """The next action on the case; raises a CaseError if a rule forbids it."""
        details.check(self, by, at)
        return CaseAction(action_id, self.case_id, self.version + 1, at, by, details)

    def after(self, action: CaseAction) -> "ReferralCase":
        """The case after its next action; raises InvalidCaseHistory."""
        if action.case_id != self.case_id or action.number != self.version + 1:
            raise InvalidCaseHistory(
                f"action {action.number} of case {action.case_id} does not follow version {self.version} of case "
                f"{self.case_id}"
            )
        changed = action.details.applied(self, action.actor, action.at)
        if self.state.ended and changed.state is not self.state:
            raise InvalidCaseHistory(f"action {action.number} changes the state of a finished case")
        return replace(
            changed,
            version=action.number,
            lease_until=self.lease_until if changed.assignee == self.assignee else None,
            changed_at=action.at,
            changed_by=action.actor.name,
        )

    def after_all(self, actions: Iterable[CaseAction]) -> "ReferralCase":
        """The case after its next actions, in their order; raises InvalidCaseHistory."""
        return reduce(ReferralCase.after, actions, self)

    def leased(self, until: datetime | None) -> "ReferralCase":
        """The case, held until then."""
        return replace(self, lease_until=until)

    def holder_at(self, at: datetime) -> str | None:
        """Who holds the case at this time; an expired lease counts as none."""
        return self.assignee if self.lease_until is not None and self.lease_until > at else None

    def state_at(self, at: datetime) -> CaseState:
        """The state as people see it: an assigned case whose lease has ended is open."""
        if self.state is CaseState.ASSIGNED and self.holder_at(at) is None:
            return CaseState.OPEN
        return self.state

    def overdue_at(self, at: datetime) -> bool:
        """Whether the due time has passed; it does not run while the applicant is awaited."""
        return not self.state.ended and self.state is not CaseState.AWAITING_APPLICANT and self.due_at <= at

    @property
    def proposed_by(self) -> str | None:
        """Who made the proposal that awaits a second approval."""
        return self.proposers[-1] if self.state is CaseState.AWAITING_SECOND_APPROVAL else None

    def require_version(self, seen: int, at: datetime) -> None:
        """Raise CaseChanged unless the actor has seen the present version.

        A due time whose passing was recorded meanwhile makes no difference: it must not interrupt work.
        """
        due_time_passed = self.breached_at is not None and self.breached_at == self.changed_at
        if seen != self.version and not (due_time_passed and seen == self.version - 1):
            holder = self.holder_at(at)
            since = self.assigned_at if holder else None
            raise CaseChanged(self.version, seen, self.changed_by, self.changed_at, holder, since)

    def require_unfinished(self) -> None:
        """Raise CaseEnded if the case is finished."""
        if self.state.ended:
            raise CaseEnded(self.state.words, self.changed_by or "the system", self.changed_at or self.opened_at)

    def require_free(self, by: Actor, at: datetime) -> None:
        """Raise CaseHeld if another person holds the case."""
        holder = self.holder_at(at)
        if holder is not None and holder != by.name and self.assigned_at and self.lease_until:
            raise CaseHeld(holder, self.assigned_at, self.lease_until)

    def require_lease(self, by: Actor, at: datetime) -> None:
        """Raise CaseEnded, CaseHeld or CaseNotClaimed unless the actor holds the unfinished case."""
        self.require_unfinished()
        self.require_free(by, at)
        if self.holder_at(at) != by.name:
            lapsed = self.assignee == by.name and self.lease_until is not None
            ended = f" Your lease ended at {moment(self.lease_until)}." if lapsed and self.lease_until else ""
            raise CaseNotClaimed(f"you do not hold this case.{ended} Claim it first")

    def require_state(self, *states: CaseState, to: str) -> None:
        """Raise CaseStateForbids unless the case is in one of these states; `to` says what needs them."""
        if self.state not in states:
            needed = " or ".join(state.words for state in states)
            raise CaseStateForbids(f"this case is {self.state.words}; it must be {needed} to {to}")
