"""Add recorded decisions to the aggregates of the overview."""

import asyncio
from dataclasses import dataclass

from application.ports.monitoring.decision_aggregates import DecisionAggregates
from application.ports.operations.database_dumps import Progress

_WAIT_SECONDS = 0.05
_ENTRIES_AT_ONCE = 10_000
"""About 0.1 s of work."""


@dataclass(frozen=True, slots=True)
class AggregateDecisions:
    """Adds everything that is recorded, at full speed; with `again`, from the first decision on."""

    aggregates: DecisionAggregates

    async def __call__(self, progress: Progress, *, again: bool = False) -> int:
        """Return the number of audit entries that this process has read."""
        if again:
            await self.aggregates.clear()
        total, done = await self.aggregates.pending(), 0
        while (read := await self.aggregates.add_next(_ENTRIES_AT_ONCE)) != 0:
            if read is None:
                await asyncio.sleep(_WAIT_SECONDS)
                continue
            done += read
            progress(min(1.0, done / max(total, 1)), f"{done:,} audit entries")
        return done
