"""Divides a period into what aggregates cover and what is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.monitoring.period import DAY, HOUR, Period, step_start

Limits = Mapping[datetime, tuple[datetime, datetime]]
"""By hour, the times of the first and the last of its decisions that are in the aggregates."""


@dataclass(frozen=True, slots=True)
class PeriodParts:
    """Aggregates are used for `parts`: their hours (1 or 24), their start and their end.

    Decisions are counted from the period's start to `first`, and from `last` to its end.
    """

    first: datetime
    last: datetime
    parts: tuple[tuple[int, datetime, datetime], ...]


def edge_hours(period: Period) -> list[datetime]:
    """The hours in which the period starts and ends, where it does not contain all of them."""
    return [step_start(each, HOUR) for each in (period.start, period.end) if each != step_start(each, HOUR)]


def parts_of(period: Period, limits: Limits) -> PeriodParts:
    """The parts of a period.

    The aggregates of an hour at an edge are used if all its decisions are within the period. So they are for the
    current hour of a period that ends now.
    """

    def within(hour: datetime) -> bool:
        earliest, latest = limits.get(hour, (period.start, period.start))
        return period.start <= earliest and latest < period.end

    begin, end = step_start(period.start, HOUR), step_start(period.end, HOUR)
    first, last = period.start, period.end
    if begin != period.start and not within(begin):
        begin += HOUR
        first = min(begin, period.end)
    if end != period.end:
        if within(end):
            end += HOUR
        else:
            last = max(end, first)
    return PeriodParts(first, last, tuple(_hours_and_days(begin, end, period)))


def _hours_and_days(begin: datetime, end: datetime, period: Period) -> list[tuple[int, datetime, datetime]]:
    first_day, last_day = step_start(begin + DAY - HOUR, DAY), step_start(end, DAY)
    if period.step == HOUR or first_day >= last_day:
        parts = [(1, begin, end)]
    else:
        parts = [(1, begin, first_day), (24, first_day, last_day), (1, last_day, end)]
    return [part for part in parts if part[1] < part[2]]
