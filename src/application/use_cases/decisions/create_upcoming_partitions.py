"""Make months ahead: when a month begins, its decisions must have a place."""

from dataclasses import dataclass

from application.ports.decisions.decision_partitions import DecisionPartitions
from application.ports.operations.clock import Clock
from domain.month import Month

MONTHS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class CreateUpcomingPartitions:
    """Makes this month and the next three; asked again, it changes nothing."""

    months: DecisionPartitions
    clock: Clock

    async def __call__(self, *, max_moved: int | None = None) -> tuple[Month, ...]:
        """The months left as they are, since more than `max_moved` of their decisions would have to move."""
        this = Month.of(self.clock.now())
        wanted = [this.later(months) for months in range(1 + MONTHS_AHEAD)]
        return tuple([month for month in wanted if not await self.months.create(month, max_moved=max_moved)])
