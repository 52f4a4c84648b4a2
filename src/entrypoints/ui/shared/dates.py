"""Days as people enter them, in the addresses of pages."""

from datetime import UTC, date, datetime, time


def day_of(text: str, name: str, faults: dict[str, str]) -> datetime | None:
    """When a day begins, in UTC; None, with the fault under the field's name, where there is no such day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        faults[name] = "Enter a day, as 2026-03-14"
        return None
    if not 1970 <= day.year <= 9998:
        faults[name] = "Enter a day from 1970 on"
        return None
    return datetime.combine(day, time(), UTC)
