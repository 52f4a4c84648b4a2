"""How urgent a case is, as a badge."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from entrypoints.ui.shared.formats import NO_BREAK_SPACE, capital
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MOST_HOURS = 48


@dataclass(frozen=True, slots=True)
class DueBadge:
    """A chip with a style and an icon; `detail` states the time in full."""

    text: str
    style: str
    icon_name: str
    detail: str


def due_badge(
    due_at: datetime, now: datetime, zone: ZoneInfo = UTC_ZONE, *, awaiting_since: datetime | None = None
) -> DueBadge:
    """The badge of an unfinished case; the clock is stopped while the applicant is awaited."""
    due = Moment.of(due_at, zone)
    if awaiting_since is not None:
        since = Moment.of(awaiting_since, zone).both
        return DueBadge("Clock stopped", "neutral", "pause_circle", f"The applicant is awaited since {since}.")
    left = due_at - now
    if left <= timedelta():
        return DueBadge(f"Overdue by {duration(-left)}", "declined", "alarm", f"Due {due.both}.")
    local, today = due_at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return DueBadge(f"Due today, {local:%H:%M}", "referred", "schedule", f"Due {due.both}.")
    return DueBadge(f"{capital(duration(left))} left", "neutral", "schedule", f"Due {due.both}.")


def duration(length: timedelta) -> str:
    """A length of time in its largest useful unit, rounded down: 45 min, 26 h, 3 days."""
    if length < _HOUR:
        return f"{max(length // _MINUTE, 0)}{NO_BREAK_SPACE}min"
    if length < _MOST_HOURS * _HOUR:
        return f"{length // _HOUR}{NO_BREAK_SPACE}h"
    return f"{length // _DAY}{NO_BREAK_SPACE}days"
