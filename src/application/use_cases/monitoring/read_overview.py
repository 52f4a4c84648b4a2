"""Read the overview of a period's decisions."""

from dataclasses import dataclass
from datetime import datetime

from application.ports.monitoring.decision_figures import DecisionFigures
from application.ports.operations.clock import Clock
from domain.access.user import Actor, Permission
from domain.monitoring.overview import Overview
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter, OverviewNames
from domain.monitoring.period import Period, PeriodNotStarted


@dataclass(frozen=True, slots=True)
class DatedOverview:
    """An overview and the time of its count; later decisions are not included.

    `before` is the overview of the period before, with the same criteria, if a comparison was requested.
    """

    overview: Overview
    as_of: datetime
    before: Overview | None = None


@dataclass(frozen=True, slots=True)
class ReadOverview:
    """Reads the figures of a period; all users who may read all decisions see the same."""

    figures: DecisionFigures
    clock: Clock

    async def __call__(
        self,
        start: datetime,
        end: datetime | None = None,
        *,
        by: Actor,
        wanted: OverviewFilter = DEFAULT_FILTER,
        compare: bool = False,
    ) -> DatedOverview:
        """The overview from `start` (inclusive) to `end` (exclusive), or until now.

        With `compare`, also that of the period before.

        Raises PermissionDenied, InvalidPeriod and PeriodNotStarted.
        """
        by.require(Permission.READ_ALL_DECISIONS)
        now = self.clock.now()
        until_now = end is None or end > now
        if until_now and start >= now:
            raise PeriodNotStarted("lies in the future: a period must start before now")
        period = Period.between(start, now if until_now or end is None else end)
        overview, earlier = await self.figures.over(period, wanted), period.before if compare else None
        before = None if earlier is None else await self.figures.over(earlier, wanted)
        return DatedOverview(overview, now, before)

    async def names(self, *, by: Actor) -> OverviewNames:
        """The channels and sources to choose from; raises PermissionDenied."""
        by.require(Permission.READ_ALL_DECISIONS)
        return await self.figures.names()
