"""Dates in forms and page addresses."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def parse_day(
    text: str, name: str, errors: dict[str, str], zone: tzinfo = UTC, *, days_later: int = 0
) -> datetime | None:
    """The start of a day of the zone, or of a later one, in UTC.

    None if the date is invalid, with a message in `errors[name]`.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        errors[name] = "Enter a date, e.g. 2026-03-14"
        return None
    if not 1970 <= day.year <= 9998:
        errors[name] = "Enter a date from 1970"
        return None
    return datetime.combine(day + timedelta(days=days_later), time(), zone).astimezone(UTC)
