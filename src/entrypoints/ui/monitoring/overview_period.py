"""The period of the overview: a preset that ends now, or a custom date range."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from domain.monitoring.period import DAY, HOUR, MAX_PERIOD, step_start
from entrypoints.ui.shared.dates import parse_day

CHOICES: Mapping[str, str] = {
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
}
"""Presets by their name in the page's address. Days are whole UTC days, including today."""
_DEFAULT = "30d"
_DAYS = {"7d": 7, "30d": 30, "90d": 90}


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """The selected period. `name` is empty for a custom range, `end` is None for now.

    `since` and `until` are the contents of the date fields, `errors` their error messages by field.
    """

    name: str
    start: datetime
    end: datetime | None
    since: str = ""
    until: str = ""
    errors: Mapping[str, str] | None = None


def address_of(*, name: str = "", since: str = "", until: str = "", **filters: str) -> str:
    """The page's address for a period and filters, which can be bookmarked and shared."""
    parameters = {"period": name, "since": since, "until": until, **filters}
    return f"/overview?{urlencode({key: value for key, value in parameters.items() if value})}"


def choice_from(query: Mapping[str, str], now: datetime) -> PeriodChoice:
    """The period in an address. Both dates of a custom range are inclusive days in UTC."""
    since, until = (query.get(name, "").strip() for name in ("since", "until"))
    if since or until:
        return _custom(since, until, now)
    name = query.get("period", _DEFAULT)
    if name == "24h":
        return PeriodChoice(name, step_start(now, HOUR) - 23 * HOUR, None)
    name = name if name in _DAYS else _DEFAULT
    return PeriodChoice(name, step_start(now, DAY) - (_DAYS[name] - 1) * DAY, None)


def _custom(since: str, until: str, now: datetime) -> PeriodChoice:
    errors: dict[str, str] = {}
    first = parse_day(since, "since", errors)
    last = parse_day(until, "until", errors) if until else step_start(now, DAY)
    if first and last and not errors:
        if first > now:
            errors["since"] = "Must not be in the future"
        elif last < first:
            errors["until"] = "End precedes start"
        elif last + DAY - first > MAX_PERIOD:
            errors["until"] = f"At most {MAX_PERIOD.days} days, including both dates"
    if errors or first is None or last is None:
        return PeriodChoice("", now, None, since, until, errors)
    return PeriodChoice("", first, last + timedelta(days=1), since, until)
