"""Read an overview: what the decisions of a period come to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.decision_figures import DecisionFigures
from application.ports.remembered_answers import Question, RememberedAnswers
from application.remembered_overview import KIND, DatedOverview, read, written
from domain.access.user import Actor, Permission
from domain.monitoring.period import DAY, Period, begun

SETTLED = timedelta(minutes=5)
"""How long after its end a period may still grow: a decision is on record a little after it is made."""
FOR_LONG, FOR_SECONDS = timedelta(hours=1), timedelta(seconds=15)
"""How long figures are given again: of a period that is settled, and of one that may still grow."""


@dataclass(frozen=True, slots=True)
class ReadOverview:
    """Counts the decisions of a period, or remembers what they came to.

    Everybody who may read decisions sees the same figures, so that they are remembered for all.
    """

    figures: DecisionFigures
    remembered: RememberedAnswers
    clock: Clock

    async def __call__(self, start: datetime, end: datetime | None = None, *, by: Actor) -> DatedOverview:
        """The overview from `start` to before `end`, or to this moment; raises NotAPeriod.

        What has come up to a midnight is settled, and counted apart: only the rest is counted again and again.
        """
        by.must(Permission.READ_DECISIONS)
        now = self.clock.now()
        lasting = end is None or end > now
        whole = Period.between(start, now if lasting or end is None else end)
        halves = whole.cut(begun(now - SETTLED, DAY)) if lasting else None
        if halves is None:
            return await self._of(whole, now, lasting=lasting)
        settled, running = halves
        before = await self._of(settled, now, lasting=False)
        since = await self._of(running, now, lasting=True)
        return DatedOverview(before.overview + since.overview, since.as_of)

    async def _of(self, period: Period, now: datetime, *, lasting: bool) -> DatedOverview:
        until = "now" if lasting else period.end.isoformat()
        question = Question(KIND, (period.start.isoformat(), until, str(period.step)))
        answer = await self.remembered.get(question)
        remembered = None if answer is None else read(answer)
        if remembered is not None:
            return remembered
        counted = DatedOverview(await self.figures.over(period), now)
        settled = period.end <= now - SETTLED
        lifetime = FOR_LONG if settled else FOR_SECONDS
        await self.remembered.put(question, written(counted), lifetime=lifetime)
        return counted
