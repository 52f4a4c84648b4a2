"""An overview ends now at the latest, and is for those who may read all decisions."""

from datetime import UTC, datetime, timedelta

import pytest

from application.use_cases.monitoring.read_overview import ReadOverview
from domain.access.user import Actor, PermissionDenied, Role
from domain.monitoring.overview_filter import OverviewFilter
from domain.monitoring.period import Period, PeriodNotStarted
from support.builders import a_decision_record, an_actor
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.figures import MemoryDecisionFigures

NOW = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 14, tzinfo=UTC)
MARTA = an_actor()


@pytest.fixture
def decisions() -> MemoryDecisions:
    return MemoryDecisions()


@pytest.fixture
def read_overview(decisions: MemoryDecisions) -> ReadOverview:
    return ReadOverview(MemoryDecisionFigures(decisions), FixedClock(NOW))


async def test_a_decision_is_counted_at_once(decisions: MemoryDecisions, read_overview: ReadOverview) -> None:
    for count in (1, 2):
        await decisions.record(a_decision_record(decided_at=NOW - timedelta(seconds=count), trial=False))
        found = await read_overview(MIDNIGHT, by=MARTA)
        assert (found.overview.outcomes.total, found.as_of) == (count, NOW)
        assert found.overview.period == Period.between(MIDNIGHT, NOW)


async def test_an_end_in_the_future_is_replaced_by_now(read_overview: ReadOverview) -> None:
    found = await read_overview(MIDNIGHT, NOW + timedelta(days=1), by=MARTA)
    assert found.overview.period.end == NOW


async def test_a_period_that_starts_in_the_future_is_invalid(read_overview: ReadOverview) -> None:
    for end in (None, NOW + timedelta(days=2)):
        with pytest.raises(PeriodNotStarted, match="lies in the future"):
            await read_overview(NOW + timedelta(days=1), end, by=MARTA)


async def test_an_overview_requires_the_permission_to_read_all_decisions(read_overview: ReadOverview) -> None:
    with pytest.raises(PermissionDenied):
        await read_overview(MIDNIGHT, by=Actor("robot", Role.SERVICE))


async def test_today_is_compared_with_yesterday_until_the_same_time(
    decisions: MemoryDecisions, read_overview: ReadOverview
) -> None:
    for ago in (timedelta(hours=1), timedelta(hours=2), timedelta(days=1, hours=1), timedelta(hours=20)):
        await decisions.record(a_decision_record(decided_at=NOW - ago, trial=False))
    found = await read_overview(MIDNIGHT, by=MARTA, compare=True)
    day = timedelta(days=1)
    assert found.before is not None
    assert found.before.period == Period.between(MIDNIGHT - day, NOW - day)
    assert (found.overview.outcomes.total, found.before.outcomes.total) == (2, 1)
    assert (await read_overview(MIDNIGHT, by=MARTA)).before is None


@pytest.mark.parametrize(("length", "earlier"), [(0.2, 1), (1, 1), (1.5, 2), (29.6, 30), (30, 30), (366, 366)])
def test_a_period_before_is_earlier_by_whole_days_and_has_as_many_steps(length: float, earlier: int) -> None:
    period = Period.between(MIDNIGHT, MIDNIGHT + timedelta(days=length))
    before = period.before
    assert before is not None
    assert (period.start - before.start, period.end - before.end) == (timedelta(days=earlier),) * 2
    assert (before.step, len(before.steps)) == (period.step, len(period.steps))


async def test_trial_runs_are_counted_only_if_wanted(
    decisions: MemoryDecisions, read_overview: ReadOverview
) -> None:
    await decisions.record(a_decision_record(decided_at=NOW - timedelta(hours=1), trial=True))
    assert (await read_overview(MIDNIGHT, by=MARTA)).overview.outcomes.total == 0
    wanted = OverviewFilter(include_trials=True)
    assert (await read_overview(MIDNIGHT, by=MARTA, wanted=wanted)).overview.outcomes.total == 1


async def test_the_first_year_has_no_period_before(read_overview: ReadOverview) -> None:
    start = datetime(1, 1, 1, tzinfo=UTC)
    assert (await read_overview(start, start + timedelta(days=1), by=MARTA, compare=True)).before is None


async def test_names_require_the_permission_to_read_all_decisions(read_overview: ReadOverview) -> None:
    with pytest.raises(PermissionDenied):
        await read_overview.names(by=Actor("robot", Role.SERVICE))
