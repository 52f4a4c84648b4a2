"""Who reads override figures, and of which periods."""

from datetime import UTC, datetime, timedelta

import pytest

from application.use_cases.cases.read_overrides import ReadOverrides
from domain.access.user import Actor, PermissionDenied, Role
from domain.monitoring.period import InvalidPeriod, PeriodNotStarted
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.override_records import MemoryOverrideRecords

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RITA = Actor("rita", Role.RISK_MANAGER)


@pytest.fixture
def read_overrides() -> ReadOverrides:
    return ReadOverrides(MemoryOverrideRecords(MemoryDecisions()), FixedClock(NOW))


async def test_a_period_without_an_end_lasts_until_now(read_overrides: ReadOverrides) -> None:
    for end in (None, NOW + DAY):
        found = await read_overrides(NOW - DAY, end, by=RITA)
        assert (found.figures.period.end, found.as_of, found.newest) == (NOW, NOW, [])
        assert found.figures.total.overrides.rate is None


async def test_a_period_must_have_begun_and_end_after_that(read_overrides: ReadOverrides) -> None:
    with pytest.raises(PeriodNotStarted):
        await read_overrides(NOW + DAY, by=RITA)
    with pytest.raises(InvalidPeriod):
        await read_overrides(NOW - DAY, NOW - 2 * DAY, by=RITA)
    with pytest.raises(InvalidPeriod):
        await read_overrides(NOW - 400 * DAY, by=RITA)


@pytest.mark.parametrize("role", [Role.LOAN_OFFICER, Role.UNDERWRITER, Role.ADMIN, Role.SERVICE])
async def test_others_may_not_read_them(read_overrides: ReadOverrides, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        await read_overrides(NOW - DAY, by=Actor("nina", role))
