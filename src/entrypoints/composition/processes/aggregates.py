"""The aggregates of the overview, over production adapters."""

import asyncio

from application.ports.operations.database_dumps import Progress
from application.use_cases.monitoring.aggregate_decisions import AggregateDecisions
from entrypoints.composition.processes.commands import command_container
from entrypoints.composition.processes.engines import engines_in_use_or_own
from entrypoints.configuration.settings import Settings


def aggregate(settings: Settings, progress: Progress, *, again: bool) -> int:
    """Add all recorded decisions to the aggregates; returns the number of audit entries that were added."""

    async def run(addressed: Settings) -> int:
        async with command_container(addressed, statement_timeout=None) as container:
            await container.database().check()
            return await AggregateDecisions(container.decision_aggregates())(progress, again=again)

    with engines_in_use_or_own(settings, cache=False) as addressed:
        return asyncio.run(run(addressed))
