"""Presents a notice as a row of the list."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.access.user_name import SERVICE_NAME
from domain.applications.synthetic import is_reserved
from domain.notices.notice import Notice
from domain.notices.notice_state import NoticeState
from entrypoints.ui.notices.due_day import DueDay, due_day, last_day
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import day
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

ChipStyle = tuple[str, str]
STATE_CHIPS: dict[NoticeState, ChipStyle] = {
    NoticeState.DUE: ("referred", "pending_actions"),
    NoticeState.ISSUED: ("neutral", "drafts"),
    NoticeState.DELIVERED: ("approved", "mark_email_read"),
    NoticeState.CANCELLED: ("neutral", "block"),
}
"""The style and the icon of each state."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice in the list; `due` is None for one that was sent or is not owed any more."""

    notice_id: str
    title: str
    subtitle: str
    synthetic: bool
    kind: str
    cause: str
    due: DueDay | None
    due_by: str
    state: str
    changed: str
    state_chip: ChipStyle


def notice_row(notice: Notice, *, now: datetime, lender_zone: ZoneInfo, zone: ZoneInfo = UTC_ZONE) -> NoticeRow:
    """The row of a notice; days are those of the lender, times those of the browser."""
    return NoticeRow(
        notice_id=str(notice.notice_id),
        title=notice.application_reference or f"Notice {str(notice.notice_id)[-8:]}",
        subtitle=notice.applicant_reference or f"Requested by {notice.requested_by}",
        synthetic=is_reserved(notice.source),
        kind=labels.NOTICE_KINDS[notice.kind],
        cause=labels.NOTICE_CAUSES[notice.cause],
        due=due_day(notice, now, lender_zone),
        due_by=day(last_day(notice, lender_zone)),
        state=state_text(notice),
        changed=_changed(notice, zone),
        state_chip=STATE_CHIPS[notice.state],
    )


def state_text(notice: Notice) -> str:
    """The state, which says if the letter came back."""
    returned = notice.state is NoticeState.ISSUED and notice.returned_on is not None
    return "Returned" if returned else labels.NOTICE_STATES[notice.state]


def _changed(notice: Notice, zone: ZoneInfo) -> str:
    """Who did what last, and when."""
    if notice.state is NoticeState.DELIVERED and notice.delivered_on is not None:
        return day(notice.delivered_on)
    if notice.changed_at is None:
        return ""
    by = "the service itself" if notice.changed_by == SERVICE_NAME else notice.changed_by
    return f"{Moment.of(notice.changed_at, zone).local}, {by}"
