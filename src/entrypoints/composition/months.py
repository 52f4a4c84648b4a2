"""Making months ahead: before the first use of a database, and as a chore of the running service."""

import logging

from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.decision_partitions import PostgresDecisionPartitions
from adapters.system import SystemClock
from application.operational_error import OperationalError
from application.use_cases.decisions.create_upcoming_partitions import CreateUpcomingPartitions
from domain.month import Month

_log = logging.getLogger(__name__)
MAKING_MONTHS = "making months ahead"
"""What the chore is called."""
_MOST_MOVED = 10_000
"""Decisions moved beside a service that runs: a fifth of a second's work."""


class CreateUpcomingPartitionsTask:
    """The chore; done once in a month, it rests until the next."""

    def __init__(self, make: CreateUpcomingPartitions) -> None:
        self._make = make
        self._done_in: Month | None = None

    async def __call__(self, last: bool = False) -> None:
        """Make what is missing, and tell of months that only `scoring migrate` may make."""
        this = Month.of(self._make.clock.now())
        if last or this == self._done_in:
            return
        for month in await self._make(max_moved=_MOST_MOVED):
            _log.warning(
                "there is no partition for %s: more than %d of its decisions lie in decisions_default. "
                "`scoring migrate` moves them; they cannot be reached while it does",
                month,
                _MOST_MOVED,
            )
        self._done_in = this


async def create_upcoming_partitions(database_url: str) -> None:
    """Make what is missing, whatever must move; what cannot be made now is told, and left to the service."""
    engine = database_engine(database_url, max_connections=1, command_timeout=None)
    try:
        await CreateUpcomingPartitions(PostgresDecisionPartitions(engine), SystemClock())()
    except OperationalError as fault:
        _log.warning("%s has to wait: %s", MAKING_MONTHS, fault)
    finally:
        await engine.dispose()
