"""An overview is cached and always shows when it was counted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory.result_cache import MemoryResultCache
from application.ports.monitoring.decision_figures import DecisionFigures
from application.ports.operations.result_cache import CacheKey
from application.use_cases.monitoring.cached_overview import decode, encode
from application.use_cases.monitoring.read_overview import LIFETIME, SETTLED, UNSETTLED_LIFETIME, ReadOverview
from domain.access.user import Actor, PermissionDenied, Role
from domain.monitoring.overview import Overview
from domain.monitoring.period import Period, PeriodNotStarted
from support.builders import a_decision_record, an_actor
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.figures import MemoryDecisionFigures

NOW = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 14, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
A_MONTH_AGO = MIDNIGHT - timedelta(days=30)
MARTA = an_actor()


class Counting(DecisionFigures):
    """Notes which periods were counted."""

    def __init__(self, figures: DecisionFigures) -> None:
        self._figures = figures
        self.counted: list[tuple[datetime, datetime]] = []

    async def over(self, period: Period) -> Overview:
        self.counted.append((period.start, period.end))
        return await self._figures.over(period)


class Environment:
    """The use case over decisions in memory, at a time set by the test."""

    def __init__(self) -> None:
        self.decisions = MemoryDecisions()
        self.figures = Counting(MemoryDecisionFigures(self.decisions))
        self.clock = FixedClock(NOW)
        cache = MemoryResultCache(now=lambda: self.clock.now().timestamp())
        self.read_overview = ReadOverview(self.figures, cache, self.clock)

    async def record(self, *moments: datetime) -> None:
        for moment in moments:
            await self.decisions.record(a_decision_record(decided_at=moment))

    def advance(self, by: timedelta) -> None:
        self.clock.moment += by

    def counted(self) -> Sequence[tuple[datetime, datetime]]:
        counted, self.figures.counted = self.figures.counted, []
        return counted


@pytest.fixture
def environment() -> Environment:
    return Environment()


async def test_a_period_until_now_is_recounted_after_seconds_but_only_since_midnight(
    environment: Environment,
) -> None:
    await environment.record(A_MONTH_AGO, MIDNIGHT - timedelta(hours=1), NOW - timedelta(hours=1))
    first = await environment.read_overview(A_MONTH_AGO, by=MARTA)
    assert first.overview.outcomes.total == 3
    assert first.overview.period == Period.between(A_MONTH_AGO, NOW)
    assert environment.counted() == [(A_MONTH_AGO, MARCH), (MARCH, MIDNIGHT), (MIDNIGHT, NOW)]
    await environment.record(NOW)
    environment.advance(UNSETTLED_LIFETIME / 2)
    again = await environment.read_overview(A_MONTH_AGO, by=MARTA)
    assert again == first
    assert again.as_of == NOW
    assert environment.counted() == []
    environment.advance(UNSETTLED_LIFETIME)
    recounted = await environment.read_overview(A_MONTH_AGO, by=MARTA)
    assert recounted.overview.outcomes.total == 4
    assert recounted.as_of == environment.clock.moment
    assert environment.counted() == [(MIDNIGHT, environment.clock.moment)]


async def test_the_overview_of_a_past_period_is_cached_for_long(environment: Environment) -> None:
    await environment.record(MIDNIGHT - timedelta(hours=1))
    first = await environment.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)
    environment.advance(LIFETIME - timedelta(seconds=1))
    assert await environment.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA) == first
    assert environment.counted() == [(A_MONTH_AGO, MARCH), (MARCH, MIDNIGHT)]
    environment.advance(timedelta(seconds=1))
    assert (await environment.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)).as_of == environment.clock.moment


async def test_a_period_that_ended_just_now_may_still_grow(environment: Environment) -> None:
    """A decision made just before the end is recorded just after it."""
    end = NOW - SETTLED + timedelta(seconds=1)
    await environment.read_overview(A_MONTH_AGO, end, by=MARTA)
    await environment.record(end - timedelta(milliseconds=1))
    environment.advance(UNSETTLED_LIFETIME)
    assert (await environment.read_overview(A_MONTH_AGO, end, by=MARTA)).overview.outcomes.total == 1


async def test_just_after_midnight_yesterday_is_not_settled_yet(environment: Environment) -> None:
    environment.clock.moment = MIDNIGHT + SETTLED - timedelta(seconds=1)
    await environment.read_overview(A_MONTH_AGO, by=MARTA)
    yesterday = MIDNIGHT - timedelta(days=1)
    assert environment.counted()[-2:] == [(MARCH, yesterday), (yesterday, environment.clock.moment)]


async def test_a_whole_month_is_counted_once_for_all_periods_that_contain_it(environment: Environment) -> None:
    """No statement counts more than a month."""
    await environment.record(*(NOW - timedelta(days=9 * n) for n in range(1, 41)))
    year = await environment.read_overview(NOW - timedelta(days=365), by=MARTA)
    assert year.overview.outcomes.total == 40
    assert max(end - start for start, end in environment.counted()) == timedelta(days=31)
    quarter = await environment.read_overview(NOW - timedelta(days=90), by=MARTA)
    assert quarter.overview.outcomes.total == 10
    assert environment.counted() == [(NOW - timedelta(days=90), datetime(2026, 1, 1, tzinfo=UTC))]


async def test_an_end_in_the_future_is_replaced_by_now(environment: Environment) -> None:
    found = await environment.read_overview(MIDNIGHT, NOW + timedelta(days=1), by=MARTA)
    assert found.overview.period.end == NOW


async def test_a_period_that_starts_in_the_future_is_invalid(environment: Environment) -> None:
    for end in (None, NOW + timedelta(days=2)):
        with pytest.raises(PeriodNotStarted, match="lies in the future"):
            await environment.read_overview(NOW + timedelta(days=1), end, by=MARTA)


async def test_all_users_who_may_read_decisions_get_the_same_overview(environment: Environment) -> None:
    first = await environment.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)
    assert await environment.read_overview(A_MONTH_AGO, MIDNIGHT, by=Actor("arthur", Role.AUDITOR)) == first
    assert len(environment.counted()) == 2


async def test_a_cached_overview_requires_the_permission_to_read_decisions(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    await environment.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)
    monkeypatch.setattr("domain.access.user._PERMISSIONS", {Role.SERVICE: frozenset()})
    with pytest.raises(PermissionDenied):
        await environment.read_overview(A_MONTH_AGO, MIDNIGHT, by=Actor("robot", Role.SERVICE))


async def test_the_cached_overview_equals_the_counted_one(environment: Environment) -> None:
    await environment.record(*(MIDNIGHT - timedelta(hours=7 * n) for n in range(30)))
    dated = await environment.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)
    assert decode(encode(dated)) == dated


@pytest.mark.parametrize("unreadable", [b"", b"[]", b"{}", b"null", b"\xff", b'{"period": ["1"]}'])
async def test_an_unreadable_cached_overview_is_counted_again(unreadable: bytes) -> None:
    class UnreadableCache(MemoryResultCache):
        async def get(self, key: CacheKey) -> bytes | None:
            return unreadable

    decisions = MemoryDecisions()
    await decisions.record(a_decision_record(decided_at=NOW - timedelta(hours=1)))
    read_overview = ReadOverview(MemoryDecisionFigures(decisions), UnreadableCache(), FixedClock(NOW))
    assert (await read_overview(A_MONTH_AGO, by=MARTA)).overview.outcomes.total == 1
