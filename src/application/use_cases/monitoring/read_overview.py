"""Read an overview: what the decisions of a period come to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import add

from application.ports.monitoring.decision_figures import DecisionFigures
from application.ports.operations.clock import Clock
from application.ports.operations.result_cache import CacheKey, ResultCache
from application.use_cases.monitoring.cached_overview import KIND, DatedOverview, read, written
from domain.access.user import Actor, Permission
from domain.monitoring.period import DAY, Period, PeriodNotStarted, step_start

SETTLED = timedelta(minutes=5)
"""How long after its end a period may still grow: a decision is on record a little after it is made."""
FOR_LONG, FOR_SECONDS = timedelta(hours=1), timedelta(seconds=15)
"""How long figures are given again: of a period that is settled, and of one that may still grow."""


@dataclass(frozen=True, slots=True)
class ReadOverview:
    """Counts the decisions of a period, or remembers what they came to.

    Everybody who may read all decisions sees the same figures, so that they are remembered for all.
    """

    figures: DecisionFigures
    remembered: ResultCache
    clock: Clock

    async def __call__(self, start: datetime, end: datetime | None = None, *, by: Actor) -> DatedOverview:
        """The overview from `start` to before `end`, or to now. Raises InvalidPeriod and PeriodNotStarted.

        It is counted month by month, and what came after the last midnight apart: the rest is settled, and only
        this is counted again and again. One after the other, so that a year keeps nobody's day waiting.
        """
        by.require(Permission.READ_ALL_DECISIONS)
        now = self.clock.now()
        lasting = end is None or end > now
        if lasting and start >= now:
            raise PeriodNotStarted("lies in the future: a period must start before now")
        whole = Period.between(start, now if lasting or end is None else end)
        *earlier, last = whole.split_at((*whole.months, *([step_start(now - SETTLED, DAY)] if lasting else [])))
        dated = [await self._of(part, now, lasting=False) for part in earlier]
        dated.append(await self._of(last, now, lasting=lasting))
        overview = reduce(add, (each.overview for each in dated))
        return DatedOverview(overview, dated[-1].as_of)

    async def _of(self, period: Period, now: datetime, *, lasting: bool) -> DatedOverview:
        until = "now" if lasting else period.end.isoformat()
        question = CacheKey(KIND, (period.start.isoformat(), until, str(period.step)))
        answer = await self.remembered.get(question)
        remembered = None if answer is None else read(answer)
        if remembered is not None:
            return remembered
        counted = DatedOverview(await self.figures.over(period), now)
        settled = period.end <= now - SETTLED
        lifetime = FOR_LONG if settled else FOR_SECONDS
        await self.remembered.put(question, written(counted), lifetime=lifetime)
        return counted
