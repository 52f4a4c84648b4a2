"""By when a notice must be sent, in days of the lender, as text and color."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.notices.notice import Notice
from domain.notices.notice_state import NoticeState
from entrypoints.ui.shared.formats import NO_BREAK_SPACE, counted, day
from entrypoints.ui.shared.time_zone import Moment

SOON = timedelta(days=7)
"""Before its due time a notice is shown as urgent from then on."""


@dataclass(frozen=True, slots=True)
class DueDay:
    """A chip with a style and an icon; `detail` states the day and the time in full."""

    text: str
    style: str
    icon_name: str
    detail: str


def last_day(notice: Notice, zone: ZoneInfo) -> date:
    """The lender's last day on which the notice is in time; a due time at midnight ends the day before."""
    return (notice.due_at - timedelta(microseconds=1)).astimezone(zone).date()


def due_day(notice: Notice, now: datetime, zone: ZoneInfo) -> DueDay | None:
    """How much time is left; None for a notice that was sent or is not owed any more."""
    if notice.state not in {NoticeState.DUE, NoticeState.ISSUED} or notice.delivered_on is not None:
        return None
    last = last_day(notice, zone)
    detail = f"Due by the end of {day(last)}: {Moment.of(notice.due_at, zone).both}."
    days = (last - now.astimezone(zone).date()).days
    if notice.due_at <= now:
        late = f"Overdue by {_days(-days)}" if days else "Overdue since today"
        return DueDay(late, "declined", "alarm", detail)
    style = "referred" if notice.due_at - now <= SOON else "neutral"
    left = {0: "Due today", 1: "Due tomorrow"}.get(days, f"{_days(days)} left")
    return DueDay(left, style, "schedule", detail)


def _days(number: int) -> str:
    return counted(number, "day", "days").replace(" ", NO_BREAK_SPACE)
