"""Whether a notice is still owed, and its cancellation if it is not."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import ClassVar
from uuid import UUID

from domain.access.user import Actor
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeActionKind, NoticeDetails
from domain.notices.notice_errors import NoticeNotOwed
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState


class CancellationReason(Enum):
    """Why a notice is not owed any more."""

    SUPERSEDED = "superseded"
    """A later decision on the application takes the place of the one that the notice is about."""
    OVERTURNED = "overturned"
    """A person approved the application."""
    NEWER_DECISION = "newer_decision"
    """A person decided again. The new decision has a notice of its own."""
    WITHDRAWN = "withdrawn"
    """The applicant withdrew the application."""
    ACCEPTED = "accepted"
    """The applicant accepted what was offered."""
    NOT_AWAITED = "not_awaited"
    """The applicant answered, or the case ended."""
    ASKED_IN_TIME = "asked_in_time"
    """A notice asked for what was missing and set a date; the applicant did not answer (12 CFR 1002.9(c)(2))."""

    @property
    def words(self) -> str:
        """The reason as the end of a sentence."""
        return _WORDS[self]


_WORDS = {
    CancellationReason.SUPERSEDED: "a later decision on the application superseded this one",
    CancellationReason.OVERTURNED: "the application was approved by a person",
    CancellationReason.NEWER_DECISION: "a person decided on the application again",
    CancellationReason.WITHDRAWN: "the applicant withdrew the application",
    CancellationReason.ACCEPTED: "the applicant accepted the offer",
    CancellationReason.NOT_AWAITED: "the applicant is not awaited any more",
    CancellationReason.ASKED_IN_TIME: "the applicant was asked for what was missing and did not answer in time",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds about the application of a notice now.

    `superseded` is whether the notice's decision was. `final_decision_id` is the last decision of a person on it,
    and `final_approves` whether that one approved. `ended_by` is the acceptance or withdrawal of the application,
    and `accepted` whether it is an acceptance. `awaited` is whether the applicant is awaited because of the
    notice's cause. `asked_in_time` is whether a notice of what was missing was delivered before the application
    was closed.
    """

    superseded: bool = False
    final_decision_id: UUID | None = None
    final_approves: bool = False
    ended_by: UUID | None = None
    accepted: bool = False
    awaited: bool = False
    asked_in_time: bool = False


def cancellation_reason(notice: Notice, standing: Standing) -> CancellationReason | None:
    """Why the notice is not owed any more; None if it is."""
    if standing.superseded:
        return CancellationReason.SUPERSEDED
    if standing.ended_by not in {None, notice.notice_id}:
        return CancellationReason.ACCEPTED if standing.accepted else CancellationReason.WITHDRAWN
    if notice.kind is NoticeKind.INCOMPLETE:
        return None if standing.awaited else CancellationReason.NOT_AWAITED
    return None if notice.cause is NoticeCause.APPLICATION_CLOSED else _decided_otherwise(notice, standing)


def _decided_otherwise(notice: Notice, standing: Standing) -> CancellationReason | None:
    if standing.final_decision_id not in {None, notice.notice_id}:
        approves = standing.final_approves
        return CancellationReason.OVERTURNED if approves else CancellationReason.NEWER_DECISION
    asked_in_time = notice.cause is NoticeCause.CASE_EXPIRED and standing.asked_in_time
    return CancellationReason.ASKED_IN_TIME if asked_in_time else None


def require_owed(notice: Notice, standing: Standing) -> None:
    """Raise NoticeNotOwed if the notice is not owed any more."""
    reason = cancellation_reason(notice, standing)
    if reason is not None:
        raise NoticeNotOwed(f"this notice is not owed any more: {reason.words}")


@dataclass(frozen=True, slots=True)
class NoticeCancelled(NoticeDetails):
    """The notice is not owed any more. An issued one cannot be cancelled: the applicant may have it."""

    reason: CancellationReason
    kind: ClassVar[NoticeActionKind] = NoticeActionKind.CANCELLED

    def check(self, notice: Notice, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        notice.require_state(NoticeState.DUE, to="be cancelled")

    def applied(self, notice: Notice, by: Actor, at: datetime) -> Notice:  # noqa: ARG002 - the interface
        return replace(notice, state=NoticeState.CANCELLED)
