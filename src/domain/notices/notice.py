"""The notice to an applicant that is owed, made, delivered or no longer owed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from uuid import UUID

from domain.access.user import Actor
from domain.notices.notice_action import NoticeAction, NoticeDetails
from domain.notices.notice_errors import InvalidNoticeHistory, NoticeChanged, NoticeStateForbids, moment
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in its present state. It has the identifier of what made it due.

    `decision_id` is the decision of the system that it is about, and `application_id` the first decision of the
    application. `received_at` is the time from which the days until `due_at` count. `requested_by` requested the
    first decision, and so owns the application; the references are those of the decision. `delivered_on` and
    `returned_on` are days of the lender, the last ones stated; a returned notice keeps the day on which it was
    sent.
    """

    notice_id: UUID
    kind: NoticeKind
    cause: NoticeCause
    decision_id: UUID
    application_id: UUID
    received_at: datetime
    due_at: datetime
    requested_by: str
    application_reference: str | None = None
    applicant_reference: str | None = None
    source: str | None = None
    state: NoticeState = NoticeState.DUE
    version: int = 0
    issued_at: datetime | None = None
    delivered_on: date | None = None
    returned_on: date | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None

    def act(self, details: NoticeDetails, *, by: Actor, at: datetime, action_id: UUID) -> NoticeAction:
        """The next action on the notice; raises a NoticeError if a rule forbids it."""
        details.check(self, by, at)
        return NoticeAction(action_id, self.notice_id, self.version + 1, at, by, details)

    def after(self, action: NoticeAction) -> "Notice":
        """The notice after its next action; raises InvalidNoticeHistory."""
        if action.notice_id != self.notice_id or action.number != self.version + 1:
            raise InvalidNoticeHistory(
                f"action {action.number} of notice {action.notice_id} does not follow version {self.version} of "
                f"notice {self.notice_id}"
            )
        changed = action.details.applied(self, action.actor, action.at)
        return replace(changed, version=action.number, changed_at=action.at, changed_by=action.actor.name)

    def after_all(self, actions: Iterable[NoticeAction]) -> "Notice":
        """The notice after its next actions, in their order; raises InvalidNoticeHistory."""
        return reduce(Notice.after, actions, self)

    def overdue_at(self, at: datetime) -> bool:
        """Whether the notice was not sent by its due time. It counts as sent once its delivery is recorded."""
        unsent = self.state in {NoticeState.DUE, NoticeState.ISSUED} and self.delivered_on is None
        return unsent and self.due_at <= at

    def require_version(self, seen: int) -> None:
        """Raise NoticeChanged unless the actor has seen the present version."""
        if seen != self.version:
            raise NoticeChanged(self.version, seen, self.changed_by, self.changed_at)

    def require_state(self, *states: NoticeState, to: str) -> None:
        """Raise NoticeStateForbids unless the notice is in one of these states; `to` says what needs them."""
        if self.state not in states:
            needed = " or ".join(state.value for state in states)
            changed = f" since {moment(self.changed_at)}" if self.changed_at else ""
            by = f" ({self.changed_by})" if self.changed_by else ""
            raise NoticeStateForbids(
                f"this notice is {self.state.value}{changed}{by}; it must be {needed} to {to}"
            )
