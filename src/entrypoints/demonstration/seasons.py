"""When people apply and when they work: by month, day of the week and hour."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

_MONTHS = (0.94, 0.90, 1.08, 1.10, 1.05, 0.98, 0.96, 1.00, 0.98, 1.12, 1.04, 0.85)
"""Applications by month, January first: more in spring and autumn, fewer over the holidays."""
_WEEKDAYS = (1.30, 1.25, 1.20, 1.15, 1.05, 0.60, 0.45)
"""Applications by day of the week, Monday first."""
_HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 12, 12, 11, 10, 9, 9, 10, 10, 8, 6, 4)
"""Applications by hour."""
_OPENS, _CLOSES = 8, 18
"""The hours in which people work, from Monday to Friday."""
_SATURDAY = 5


def weight(day: date) -> float:
    """How many applications a day has in comparison with others."""
    return _MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()]


def days(start: datetime, end: datetime) -> Iterator[date]:
    """The days of a period in UTC."""
    day = start.date()
    while day <= end.date():
        yield day
        day += timedelta(days=1)


def arrivals(random: Random, number: int, start: datetime, end: datetime) -> list[datetime]:
    """So many times of applications in a period, in their order."""
    candidates = list(days(start, end))
    chosen = random.choices(candidates, [weight(day) for day in candidates], k=number * 2)
    times = (_moment(random, day) for day in chosen)
    within = [at for at in times if start <= at < end][:number]
    return sorted(within)


def _moment(random: Random, day: date) -> datetime:
    (hour,) = random.choices(range(24), _HOURS)
    second = random.uniform(0.0, 3600.0)
    return datetime.combine(day, time(hour), UTC) + timedelta(seconds=second)


def at_work(at: datetime) -> datetime:
    """The time itself, or the next one at which people work."""
    if at.weekday() >= _SATURDAY or at.hour >= _CLOSES:
        days_off = 7 - at.weekday() if at.weekday() >= _SATURDAY - 1 else 1
        following = at.date() + timedelta(days=days_off)
        return datetime.combine(following, time(_OPENS, at.minute, at.second), UTC)
    if at.hour < _OPENS:
        return at.replace(hour=_OPENS)
    return at
