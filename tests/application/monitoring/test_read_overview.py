"""An overview ends now at the latest, and is for those who may read all decisions."""

from datetime import UTC, datetime, timedelta

import pytest

from application.use_cases.monitoring.read_overview import ReadOverview
from domain.access.user import Actor, PermissionDenied, Role
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
        await decisions.record(a_decision_record(decided_at=NOW - timedelta(seconds=count)))
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
