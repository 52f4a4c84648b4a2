"""Read the overview of a period's decisions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import add

from application.ports.monitoring.decision_figures import DecisionFigures
from application.ports.operations.clock import Clock
from application.ports.operations.result_cache import CacheKey, ResultCache
from application.use_cases.monitoring.cached_overview import KIND, DatedOverview, decode, encode
from domain.access.user import Actor, Permission
from domain.monitoring.period import DAY, Period, PeriodNotStarted, step_start

SETTLED = timedelta(minutes=5)
"""How long after its end a period may still grow, because a decision is recorded shortly after it is made."""
LIFETIME, UNSETTLED_LIFETIME = timedelta(hours=1), timedelta(seconds=15)
"""How long the figures of a settled period, and of one that may still grow, are cached."""


@dataclass(frozen=True, slots=True)
class ReadOverview:
    """Counts the decisions of a period, or takes the figures from the cache.

    All users who may read all decisions see the same figures, so they share the cache.
    """

    figures: DecisionFigures
    cache: ResultCache
    clock: Clock

    async def __call__(self, start: datetime, end: datetime | None = None, *, by: Actor) -> DatedOverview:
        """The overview from `start` (inclusive) to `end` (exclusive), or until now.

        Each month, and the time since the last settled midnight, is counted and cached separately, so that only
        the latter is counted again. They are counted one after the other, so that a year does not delay a shorter
        period. Raises PermissionDenied, InvalidPeriod and PeriodNotStarted.
        """
        by.require(Permission.READ_ALL_DECISIONS)
        now = self.clock.now()
        until_now = end is None or end > now
        if until_now and start >= now:
            raise PeriodNotStarted("lies in the future: a period must start before now")
        whole = Period.between(start, now if until_now or end is None else end)
        midnight = [step_start(now - SETTLED, DAY)] if until_now else []
        *earlier, last = whole.split_at((*whole.months, *midnight))
        dated = [await self._overview(part, now, until_now=False) for part in earlier]
        dated.append(await self._overview(last, now, until_now=until_now))
        overview = reduce(add, (each.overview for each in dated))
        return DatedOverview(overview, dated[-1].as_of)

    async def _overview(self, period: Period, now: datetime, *, until_now: bool) -> DatedOverview:
        end = "now" if until_now else period.end.isoformat()
        key = CacheKey(KIND, (period.start.isoformat(), end, str(period.step)))
        result = await self.cache.get(key)
        cached = None if result is None else decode(result)
        if cached is not None:
            return cached
        counted = DatedOverview(await self.figures.over(period), now)
        settled = period.end <= now - SETTLED
        await self.cache.put(key, encode(counted), lifetime=LIFETIME if settled else UNSETTLED_LIFETIME)
        return counted
