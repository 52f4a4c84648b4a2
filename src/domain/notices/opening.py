"""The opening of notices: what happened to an application makes a notice due."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.notices.deadlines import NoticeClock
from domain.notices.notice import Notice
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """Something that makes a notice due, with the identifier of its record.

    `received_at` is when the complete application was received: when it was submitted, when the last information
    that was requested was received, when a review was opened, or for an application closed as incomplete when it
    was closed. `unsent_since` is the time since when the applicant waits for a notice, see Unsent. `answer_by` is
    the time until which the applicant can answer a request.
    """

    subject: UUID
    kind: NoticeKind
    cause: NoticeCause
    decision_id: UUID
    application_id: UUID
    received_at: datetime
    requested_by: str
    application_reference: str | None = None
    applicant_reference: str | None = None
    source: str | None = None
    answer_by: datetime | None = None
    unsent_since: datetime | None = None


@dataclass(slots=True)
class Unsent:
    """Since when an applicant waits for a notice of an action on the application, whatever was decided meanwhile.

    Everything has the identifier of what happened. Identifiers are in the order of time, so that the result does
    not depend on when the trail is followed.

    `adverse` has the `received_at` of notices that were never issued. `undecided` is when applications were
    complete that were decided again while a person was to decide. `answered` is what the applicant answered, and
    `ended` are approvals and the issue of letters.
    """

    adverse: dict[UUID, datetime] = field(default_factory=dict)
    undecided: dict[UUID, datetime] = field(default_factory=dict)
    answered: dict[UUID, datetime] = field(default_factory=dict)
    ended: dict[UUID, datetime | None] = field(default_factory=dict)

    def since(self, event: AdverseEvent) -> datetime | None:
        """The earliest time that still counts when this happened; None without one.

        An application that is closed as incomplete was not complete while a person was to decide.
        """
        subject, end = event.subject, _last(self.ended, event.subject)
        answer = max(end, _last(self.answered, subject))
        waiting = [at for each, at in self.adverse.items() if end < each < subject]
        if not event.cause.closes_incomplete:
            waiting += [at for each, at in self.undecided.items() if answer <= each < subject]
        return min(waiting, default=None)

    def add(self, notice: Notice) -> None:
        """Note a new notice."""
        if notice.kind is not NoticeKind.INCOMPLETE:
            self.adverse[notice.notice_id] = notice.received_at


def _last(happened: Iterable[UUID], before: UUID) -> UUID:
    return max((each for each in happened if each < before), default=UUID(int=0))


def opened(event: AdverseEvent, clock: NoticeClock) -> Notice:
    """The notice that is due because of an event.

    While the applicant waits for a notice, the earlier time goes on: deciding again must not extend it.
    """
    received_at = min(event.received_at, event.unsent_since or event.received_at)
    return Notice(
        notice_id=event.subject,
        kind=event.kind,
        cause=event.cause,
        decision_id=event.decision_id,
        application_id=event.application_id,
        received_at=received_at,
        due_at=clock.due_at(event.kind, received_at, answer_by=event.answer_by),
        requested_by=event.requested_by,
        application_reference=event.application_reference,
        applicant_reference=event.applicant_reference,
        source=event.source,
    )
