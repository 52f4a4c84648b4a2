"""A period of time and the steps, an hour or a day, in which it is reported."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Self

from domain.month import Month

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST = timedelta(days=366)
_BY_THE_HOUR = timedelta(days=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InvalidPeriod(ValueError):
    """It ends before it starts, or is longer than can be looked over at once."""


class PeriodNotStarted(InvalidPeriod):
    """It starts in the future: there is nothing yet to look over."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `start`, inclusive, to `end`, exclusive, in UTC; its course is told by `step`, an hour or a day."""

    start: datetime
    end: datetime
    step: timedelta

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidPeriod("a period must end after it starts")
        if self.end - self.start > LONGEST:
            raise InvalidPeriod(f"a period of at most {LONGEST.days} days can be looked over")

    @classmethod
    def between(cls, start: datetime, end: datetime) -> Self:
        """The period, by the hour up to two days, else by the day; raises InvalidPeriod."""
        return cls(start, end, HOUR if end - start <= _BY_THE_HOUR else DAY)

    @property
    def first_step(self) -> datetime:
        """When the hour or day (UTC) begins in which the period starts."""
        return step_start(self.start, self.step)

    @property
    def steps(self) -> tuple[datetime, ...]:
        """When each hour or day begins that the period touches."""
        first = self.first_step
        return tuple(first + index * self.step for index in range(-((first - self.end) // self.step)))

    @property
    def months(self) -> tuple[datetime, ...]:
        """When each month (UTC) begins that the period touches."""
        month, last = Month.of(self.start), Month.of(self.end)
        begin = []
        while month <= last:
            begin.append(datetime.combine(month.first_day, time(), UTC))
            month = month.later(1)
        return tuple(begin)

    def parted(self, at: Iterable[datetime]) -> "tuple[Period, ...]":
        """The parts it falls into where it is cut at these moments: one where none lies within."""
        within = sorted({moment for moment in at if self.start < moment < self.end})
        return tuple(Period(start, end, self.step) for start, end in pairwise((self.start, *within, self.end)))


def step_start(moment: datetime, step: timedelta) -> datetime:
    """When the hour or day of a moment began, in UTC."""
    return _EPOCH + (moment - _EPOCH) // step * step
