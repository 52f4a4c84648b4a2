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


class Room:
    """The use case over decisions in memory, at a time set by the test."""

    def __init__(self) -> None:
        self.decisions = MemoryDecisions()
        self.figures = Counting(MemoryDecisionFigures(self.decisions))
        self.clock = FixedClock(NOW)
        cache = MemoryResultCache(now=lambda: self.clock.now().timestamp())
        self.read_overview = ReadOverview(self.figures, cache, self.clock)

    async def decides(self, *moments: datetime) -> None:
        for moment in moments:
            await self.decisions.record(a_decision_record(decided_at=moment))

    def later(self, by: timedelta) -> None:
        self.clock.moment += by

    def counted(self) -> Sequence[tuple[datetime, datetime]]:
        counted, self.figures.counted = self.figures.counted, []
        return counted


@pytest.fixture
def office() -> Room:
    return Room()


async def test_a_period_until_now_is_recounted_after_seconds_but_only_since_midnight(office: Room) -> None:
    await office.decides(A_MONTH_AGO, MIDNIGHT - timedelta(hours=1), NOW - timedelta(hours=1))
    first = await office.read_overview(A_MONTH_AGO, by=MARTA)
    assert first.overview.outcomes.total == 3
    assert first.overview.period == Period.between(A_MONTH_AGO, NOW)
    assert office.counted() == [(A_MONTH_AGO, MARCH), (MARCH, MIDNIGHT), (MIDNIGHT, NOW)]
    await office.decides(NOW)
    office.later(UNSETTLED_LIFETIME / 2)
    again = await office.read_overview(A_MONTH_AGO, by=MARTA)
    assert again == first
    assert again.as_of == NOW
    assert office.counted() == []
    office.later(UNSETTLED_LIFETIME)
    recounted = await office.read_overview(A_MONTH_AGO, by=MARTA)
    assert recounted.overview.outcomes.total == 4
    assert recounted.as_of == office.clock.moment
    assert office.counted() == [(MIDNIGHT, office.clock.moment)]


async def test_a_period_that_is_over_is_given_again_for_long(office: Room) -> None:
    await office.decides(MIDNIGHT - timedelta(hours=1))
    first = await office.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)
    office.later(LIFETIME - timedelta(seconds=1))
    assert await office.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA) == first
    assert office.counted() == [(A_MONTH_AGO, MARCH), (MARCH, MIDNIGHT)]
    office.later(timedelta(seconds=1))
    assert (await office.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)).as_of == office.clock.moment


async def test_a_period_that_ended_just_now_may_still_grow(office: Room) -> None:
    """A decision made just before the end is recorded just after it."""
    end = NOW - SETTLED + timedelta(seconds=1)
    await office.read_overview(A_MONTH_AGO, end, by=MARTA)
    await office.decides(end - timedelta(milliseconds=1))
    office.later(UNSETTLED_LIFETIME)
    assert (await office.read_overview(A_MONTH_AGO, end, by=MARTA)).overview.outcomes.total == 1


async def test_just_after_midnight_yesterday_is_not_settled_yet(office: Room) -> None:
    office.clock.moment = MIDNIGHT + SETTLED - timedelta(seconds=1)
    await office.read_overview(A_MONTH_AGO, by=MARTA)
    yesterday = MIDNIGHT - timedelta(days=1)
    assert office.counted()[-2:] == [(MARCH, yesterday), (yesterday, office.clock.moment)]


async def test_a_whole_month_is_counted_once_for_all_periods_that_contain_it(office: Room) -> None:
    """No statement counts more than a month."""
    await office.decides(*(NOW - timedelta(days=9 * n) for n in range(1, 41)))
    year = await office.read_overview(NOW - timedelta(days=365), by=MARTA)
    assert year.overview.outcomes.total == 40
    assert max(end - start for start, end in office.counted()) == timedelta(days=31)
    quarter = await office.read_overview(NOW - timedelta(days=90), by=MARTA)
    assert quarter.overview.outcomes.total == 10
    assert office.counted() == [(NOW - timedelta(days=90), datetime(2026, 1, 1, tzinfo=UTC))]


async def test_an_end_that_is_still_to_come_is_now(office: Room) -> None:
    found = await office.read_overview(MIDNIGHT, NOW + timedelta(days=1), by=MARTA)
    assert found.overview.period.end == NOW


async def test_a_period_that_begins_in_the_future_is_none(office: Room) -> None:
    for end in (None, NOW + timedelta(days=2)):
        with pytest.raises(PeriodNotStarted, match="lies in the future"):
            await office.read_overview(NOW + timedelta(days=1), end, by=MARTA)


async def test_all_users_who_may_read_decisions_get_the_same_overview(office: Room) -> None:
    first = await office.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)
    assert await office.read_overview(A_MONTH_AGO, MIDNIGHT, by=Actor("arthur", Role.AUDITOR)) == first
    assert len(office.counted()) == 2


async def test_a_cached_overview_requires_the_permission_to_read_decisions(
    office: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)
    monkeypatch.setattr("domain.access.user._PERMISSIONS", {Role.SERVICE: frozenset()})
    with pytest.raises(PermissionDenied):
        await office.read_overview(A_MONTH_AGO, MIDNIGHT, by=Actor("robot", Role.SERVICE))


async def test_the_cached_overview_equals_the_counted_one(office: Room) -> None:
    await office.decides(*(MIDNIGHT - timedelta(hours=7 * n) for n in range(30)))
    dated = await office.read_overview(A_MONTH_AGO, MIDNIGHT, by=MARTA)
    assert decode(encode(dated)) == dated


@pytest.mark.parametrize("garbled", [b"", b"[]", b"{}", b"null", b"\xff", b'{"period": ["1"]}'])
async def test_what_was_not_written_so_is_counted_again(garbled: bytes) -> None:
    class Garbled(MemoryResultCache):
        async def get(self, question: CacheKey) -> bytes | None:
            return garbled

    decisions = MemoryDecisions()
    await decisions.record(a_decision_record(decided_at=NOW - timedelta(hours=1)))
    read_overview = ReadOverview(MemoryDecisionFigures(decisions), Garbled(), FixedClock(NOW))
    assert (await read_overview(A_MONTH_AGO, by=MARTA)).overview.outcomes.total == 1
