"""Read how people's decisions differ from the system's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.cases.override_records import (
    ANY_FINAL_DECISION,
    ListedOverride,
    OverrideFilter,
    OverrideRecords,
)
from application.ports.operations.clock import Clock
from domain.access.user import Actor, Permission
from domain.cases.override_figures import OverrideFigures
from domain.monitoring.period import Period, PeriodNotStarted

MAX_LISTED = 100


@dataclass(frozen=True, slots=True)
class Overrides:
    """The figures of a period as of a time, and its newest final decisions, at most MAX_LISTED."""

    figures: OverrideFigures
    newest: Sequence[ListedOverride]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class ReadOverrides:
    """Reads the figures of a period, by the time at which people decided."""

    records: OverrideRecords
    clock: Clock

    async def __call__(
        self,
        start: datetime,
        end: datetime | None = None,
        *,
        by: Actor,
        wanted: OverrideFilter = ANY_FINAL_DECISION,
    ) -> Overrides:
        """The final decisions from `start` (inclusive) to `end` (exclusive), or until now, that match.

        Raises PermissionDenied, InvalidPeriod and PeriodNotStarted.
        """
        by.require(Permission.READ_OVERRIDES)
        now = self.clock.now()
        until_now = end is None or end > now
        if until_now and start >= now:
            raise PeriodNotStarted("lies in the future: a period must start before now")
        period = Period.between(start, now if until_now or end is None else end)
        figures = await self.records.over(period, wanted)
        return Overrides(figures, await self.records.newest(period, wanted, limit=MAX_LISTED), now)
