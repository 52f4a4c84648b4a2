"""A period of time and the steps, an hour or a day, in which it is reported."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAX_PERIOD = timedelta(days=366)
_MAX_HOURLY = timedelta(days=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InvalidPeriod(ValueError):
    """The period does not end after it starts, or it is longer than MAX_PERIOD."""


class PeriodNotStarted(InvalidPeriod):
    """The period starts in the future."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (inclusive) to `end` (exclusive) in UTC, reported by `step`, an hour or a day."""

    start: datetime
    end: datetime
    step: timedelta

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidPeriod("a period must end after it starts")
        if self.end - self.start > MAX_PERIOD:
            raise InvalidPeriod(f"a period must not be longer than {MAX_PERIOD.days} days")

    @classmethod
    def between(cls, start: datetime, end: datetime) -> Self:
        """The period, by hour up to two days and otherwise by day; raises InvalidPeriod."""
        return cls(start, end, HOUR if end - start <= _MAX_HOURLY else DAY)

    @property
    def first_step(self) -> datetime:
        """The start of the hour or day (UTC) in which the period starts."""
        return step_start(self.start, self.step)

    @property
    def steps(self) -> tuple[datetime, ...]:
        """The start of each hour or day that the period overlaps."""
        first = self.first_step
        return tuple(first + index * self.step for index in range(-((first - self.end) // self.step)))

    @property
    def before(self) -> "Period | None":
        """The period before, of the same length and number of steps; None if it starts before the calendar.

        It is earlier by whole days, so that the same times of the day are compared: the days until now with as
        many days before, until the same time.
        """
        days = -((self.first_step - self.end) // DAY) * DAY
        try:
            return Period(self.start - days, self.end - days, self.step)
        except OverflowError:
            return None


def step_start(moment: datetime, step: timedelta) -> datetime:
    """The start of the hour or day (UTC) that contains the moment."""
    return _EPOCH + (moment - _EPOCH) // step * step
