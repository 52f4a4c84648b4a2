"""The actions that are more than one call of a use case."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import perf_counter

from application.ports.audit.trail_following import TrailConsumer
from application.ports.monitoring.decision_aggregates import DecisionAggregates
from application.ports.operations.clock import Clock
from application.use_cases.audit.publish_checkpoints import PublishCheckpoints
from application.use_cases.audit.verify_when_due import VerifyWhenDue
from application.use_cases.decisions.create_upcoming_partitions import CreateUpcomingPartitions
from domain.access.user import Actor
from domain.month import Month

_log = logging.getLogger(__name__)
MAX_ROWS_MOVED = 10_000
"""Decisions moved into a new partition while the service runs: about 0.2 s of work."""
_ENTRIES_AT_ONCE, _REST = 2_000, 19
"""About 20 ms of the database's work, and how many times as long is rested after it."""
_PART, _FOLLOWING_REST = 1_000, 9
"""Audit entries that a consumer handles in one transaction, and how many times as long is rested after it."""
_FEW, _MANY = 1_000, 100_000
"""Audit entries that wait for the next run, and so many that their addition is logged."""


class CreatePartitionsMonthly:
    """Creates upcoming partitions once in each month."""

    def __init__(self, create: CreateUpcomingPartitions, clock: Clock) -> None:
        self._create = create
        self._clock = clock
        self._done_in: Month | None = None

    async def __call__(self) -> None:
        """Create missing partitions; log the months whose partition only `scoring migrate` may create."""
        month = Month.of(self._clock.now())
        if month == self._done_in:
            return
        for skipped in await self._create(max_moved=MAX_ROWS_MOVED):
            _log.warning(
                "no partition was created for %s: decisions_default holds more than %d of its decisions. "
                "Run `scoring migrate` to move them; they are locked while it does",
                skipped,
                MAX_ROWS_MOVED,
            )
        self._done_in = month


class AggregateInBackground:
    """Adds recorded decisions to the overview's aggregates in small parts, and rests between them.

    So it uses at most 5 % of one core of the database, whatever was recorded, and delays no decision.
    """

    def __init__(self, aggregates: DecisionAggregates) -> None:
        self._aggregates = aggregates

    async def __call__(self) -> None:
        """Add until few entries are left, unless another process is adding."""
        added, read = 0, None
        while read is None or read > _FEW:
            began = perf_counter()
            read = await self._aggregates.add_next(_ENTRIES_AT_ONCE) or 0
            added += read
            await asyncio.sleep(_REST * (perf_counter() - began))
        if added > _MANY:
            _log.info("the aggregates of the overview are current again: %d audit entries were added", added)


class FollowTrail:
    """Has a consumer handle what was added to the audit trail, in parts, and rests between them.

    So it uses at most a tenth of one core of the database, and delays no decision.
    """

    def __init__(self, consumer: TrailConsumer) -> None:
        self._consumer = consumer

    async def __call__(self) -> None:
        """Follow until nothing is left, unless another process is following."""
        handled = _PART
        while handled == _PART:
            began = perf_counter()
            handled = await self._consumer.follow(_PART) or 0
            await asyncio.sleep(_FOLLOWING_REST * (perf_counter() - began))


class PublishCheckpointsAndLog:
    """Publishes checkpoints and logs each destination that failed; the next run tries again."""

    def __init__(self, publish: PublishCheckpoints, by: Actor) -> None:
        self._publish = publish
        self._by = by

    async def __call__(self) -> None:
        for failure in await self._publish(by=self._by):
            _log.error("checkpoints were not published to the %s; retrying in a minute", failure)


class VerifyTrailWhenDue:
    """Verifies the audit trail when that is due, and logs integrity errors; alerts read the recorded result.

    `closed` releases the connections that a verification used.
    """

    def __init__(self, verify: VerifyWhenDue, by: Actor, closed: Callable[[], Awaitable[None]]) -> None:
        self._verify = verify
        self._by = by
        self._closed = closed

    async def __call__(self) -> None:
        try:
            found = await self._verify(by=self._by)
        finally:
            await self._closed()
        if found is not None and found.violation_count:
            _log.error(
                "the audit trail has %d integrity errors; the first: %s: %s. See AuditTrailBroken in the runbook",
                found.violation_count,
                found.violations[0].place,
                found.violations[0].why,
            )


class WarnOfExcessRights:
    """Logs a warning where the process's database login has more rights than its `role` needs."""

    def __init__(self, find_excess: Callable[[], Awaitable[str | None]], role: str) -> None:
        self._find_excess = find_excess
        self._role = role

    async def __call__(self) -> None:
        excess = await self._find_excess()
        if excess is not None:
            _log.warning(
                "the login of SCORING_DATABASE_URL is %s: an attacker who controls this process could alter "
                "records. Use a login in the role %s, which `scoring migrate` creates: "
                "CREATE ROLE name LOGIN PASSWORD '...' IN ROLE %s",
                excess,
                self._role,
                self._role,
            )
