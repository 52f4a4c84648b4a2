"""Create the partitions of the coming months in advance."""

from dataclasses import dataclass

from application.ports.decisions.decision_partitions import DecisionPartitions
from application.ports.operations.clock import Clock
from domain.month import Month

MONTHS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class CreateUpcomingPartitions:
    """Creates the partitions of this month and the next three, unless they exist."""

    months: DecisionPartitions
    clock: Clock

    async def __call__(self, *, max_moved: int | None = None) -> tuple[Month, ...]:
        """Create them; return the months skipped because more than `max_moved` decisions would have to move."""
        this = Month.of(self.clock.now())
        wanted = [this.later(months) for months in range(1 + MONTHS_AHEAD)]
        return tuple([month for month in wanted if not await self.months.create(month, max_moved=max_moved)])
