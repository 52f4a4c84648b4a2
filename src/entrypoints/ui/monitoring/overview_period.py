"""Which period an overview is of: one of those that lead up to now, or days of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from domain.monitoring.period import DAY, HOUR, LONGEST, step_start
from entrypoints.ui.shared.dates import day_of

CHOICES: Mapping[str, str] = {
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
}
"""Periods up to now, by their name in the page's address; days are whole days in UTC, today the last of them."""
_USUAL = "30d"
_DAYS = {"7d": 7, "30d": 30, "90d": 90}


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """What was chosen: `name` is empty for days of one's own, `end` is None for now.

    `since` and `until` are what stands in the fields, `faults` says by field why they are no period.
    """

    name: str
    start: datetime
    end: datetime | None
    since: str = ""
    until: str = ""
    faults: Mapping[str, str] | None = None


def address_of(*, name: str = "", since: str = "", until: str = "") -> str:
    """The page's address for a choice, to be kept, shared and come back to."""
    given = {"period": name, "since": since, "until": until}
    return f"/overview?{urlencode({key: value for key, value in given.items() if value})}"


def choice_from(query: Mapping[str, str], now: datetime) -> PeriodChoice:
    """The choice in an address; both days of one's own are in UTC and inclusive."""
    since, until = (query.get(name, "").strip() for name in ("since", "until"))
    if since or until:
        return _own(since, until, now)
    name = query.get("period", _USUAL)
    if name == "24h":
        return PeriodChoice(name, step_start(now, HOUR) - 23 * HOUR, None)
    name = name if name in _DAYS else _USUAL
    return PeriodChoice(name, step_start(now, DAY) - (_DAYS[name] - 1) * DAY, None)


def _own(since: str, until: str, now: datetime) -> PeriodChoice:
    faults: dict[str, str] = {}
    first = day_of(since, "since", faults)
    last = day_of(until, "until", faults) if until else step_start(now, DAY)
    if first and last and not faults:
        if first > now:
            faults["since"] = "Not after today"
        elif last < first:
            faults["until"] = "Not before the first day"
        elif last + DAY - first > LONGEST:
            faults["until"] = f"At most {LONGEST.days} days, first and last included"
    if faults or first is None or last is None:
        return PeriodChoice("", now, None, since, until, faults)
    return PeriodChoice("", first, last + timedelta(days=1), since, until)
