"""The opening of notices: what happened to an application makes a notice due."""

from dataclasses import dataclass
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
    was closed. `unsent_since` is the earliest `received_at` of the notices that are still due on the application
    and are replaced by the new one. `answer_by` is the time until which the applicant can answer a request.
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


def opened(event: AdverseEvent, clock: NoticeClock) -> Notice:
    """The notice that is due because of an event.

    One that replaces a notice that was not issued keeps the earlier time: deciding again must not extend it.
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
