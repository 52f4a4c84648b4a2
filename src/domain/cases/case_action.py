"""Actions on a referral case: what was done, by whom and when. The state of a case follows from its actions."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from domain.access.user import Actor

if TYPE_CHECKING:
    from domain.cases.referral_case import ReferralCase


class CaseActionKind(StrEnum):
    """The kinds of actions. The text is the action of the audit entry, so it must never change."""

    CLAIMED = "case claimed"
    RELEASED = "case released"
    REASSIGNED = "case reassigned"
    NOTE_ADDED = "case note added"
    INFORMATION_REQUESTED = "case information requested"
    INFORMATION_RECEIVED = "case information received"
    RESOLUTION_PROPOSED = "case resolution proposed"
    SECOND_APPROVAL_GIVEN = "case second approval given"
    SECOND_APPROVAL_REFUSED = "case second approval refused"
    RESOLVED = "case resolved"
    CONDITION_CHANGED = "case condition changed"
    OWN_VIEW_ENTERED = "case own view entered"
    WITHDRAWN = "case withdrawn"
    EXPIRED = "case expired"
    DUE_TIME_PASSED = "case due time passed"
    REVIEW_OPENED = "case review opened"
    QUALITY_REVIEWED = "case quality review recorded"
    APPLICANT_REQUEST_RECEIVED = "case applicant request received"


class CaseDetails(ABC):
    """What is particular to an action of one kind, and the rules for it. Subclasses are frozen dataclasses."""

    __slots__ = ()
    kind: ClassVar[CaseActionKind]

    @abstractmethod
    def check(self, case: "ReferralCase", by: Actor, at: datetime) -> None:
        """Raise a CaseError unless the actor may do this to the case at this time."""

    @abstractmethod
    def applied(self, case: "ReferralCase", by: Actor, at: datetime) -> "ReferralCase":
        """The case after the action, apart from its version, its lease and who changed it."""


@dataclass(frozen=True, slots=True)
class CaseAction:
    """One action; actions of a case are numbered from 1, and the number of the last is the case's version."""

    action_id: UUID
    case_id: UUID
    number: int
    at: datetime
    actor: Actor
    details: CaseDetails

    @property
    def kind(self) -> CaseActionKind:
        """The kind of action, which the details determine."""
        return self.details.kind
