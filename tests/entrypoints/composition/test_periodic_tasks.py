"""What a running service does by itself: faults are told, and never end it."""

import asyncio
from datetime import UTC, datetime

import pytest

from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.decisions.create_upcoming_partitions import CreateUpcomingPartitions
from application.use_cases.models.archive_versions import ArchiveVersions
from domain.month import Month
from domain.policies.version_1 import POLICY_1
from entrypoints.composition import chores as chores_of_a_service
from entrypoints.composition.chores import PeriodicTasks
from entrypoints.composition.months import CreateUpcomingPartitionsTask
from entrypoints.composition.versions import ArchiveChampion
from support.memory.clock import FixedClock
from support.memory.decision_partitions import MemoryDecisionPartitions
from support.memory.versions import MemoryBundles, MemoryPolicies
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT


async def test_a_chore_is_done_at_the_start_again_and_again_and_at_the_end() -> None:
    times: list[bool] = []

    async def chore(last: bool) -> None:
        times.append(last)

    chores = PeriodicTasks({"the chore": chore}, every=0.01)
    await chores.open()
    await asyncio.sleep(0.1)
    await chores.close()
    assert times[-1] is True
    assert len(times) > 3
    assert not any(times[:-1])


async def test_a_chore_that_fails_is_told_of_and_does_not_keep_the_others_from_being_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = asyncio.Event()

    async def away(last: bool) -> None:
        raise DependencyUnavailable("the database does not answer")

    async def broken(last: bool) -> None:
        raise RuntimeError("a bolt came loose")

    async def works(last: bool) -> None:
        done.set()

    chores = PeriodicTasks({"waiting": away, "broken": broken, "working": works})
    await chores.open()
    await asyncio.wait_for(done.wait(), 1)
    await chores.close()
    assert "waiting has to wait: the database does not answer" in caplog.text
    assert "broken failed" in caplog.text


async def test_what_never_began_can_be_closed() -> None:
    await PeriodicTasks({}).close()


async def test_what_had_to_wait_is_done_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores_of_a_service, "_SOON", 0.01)
    times: list[bool] = []

    async def away_at_first(last: bool) -> None:
        times.append(last)
        if len(times) == 1:
            raise DependencyUnavailable("the database does not answer")

    chores = PeriodicTasks({"waiting": away_at_first})
    await chores.open()
    await asyncio.sleep(0.2)
    assert len(times) == 2
    await chores.close()


async def test_the_champion_is_kept_once_as_it_was_read() -> None:
    bundles, policies = MemoryBundles(), MemoryPolicies()
    keep = ArchiveChampion(ArchiveVersions(bundles, policies), CHAMPION)
    await keep()
    assert await bundles.find(CHAMPION_FINGERPRINT) == CHAMPION
    assert await policies.find("1", POLICY_1.fingerprint) == POLICY_1
    bundles._bundles.clear()
    await keep()
    assert await bundles.find(CHAMPION_FINGERPRINT) is None  # done once is done


class TestKeepingMonthsAhead:
    NOVEMBER = Month(2026, 11)

    async def test_makes_this_month_and_three_more_and_rests_until_the_next(self) -> None:
        months, clock = MemoryDecisionPartitions(), FixedClock(datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
        keep = CreateUpcomingPartitionsTask(CreateUpcomingPartitions(months, clock))
        await keep()
        assert months.made == [self.NOVEMBER.later(number) for number in range(4)]
        months.made.clear()
        await keep()
        assert months.made == []
        clock.moment = datetime(2026, 12, 1, tzinfo=UTC)
        await keep()
        assert months.made == [self.NOVEMBER.later(number) for number in range(1, 5)]

    async def test_tells_once_of_a_month_that_the_operator_must_make(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        december = self.NOVEMBER.later(1)
        months = MemoryDecisionPartitions([december] * 10_001)
        keep = CreateUpcomingPartitionsTask(
            CreateUpcomingPartitions(months, FixedClock(datetime(2026, 11, 30, tzinfo=UTC)))
        )
        for _ in range(3):
            await keep()
        assert december not in months.made
        assert caplog.text.count("there is no partition for 2026-12") == 1
        assert "`scoring migrate` moves them" in caplog.text

    async def test_makes_none_while_the_service_ends(self) -> None:
        months = MemoryDecisionPartitions()
        await CreateUpcomingPartitionsTask(
            CreateUpcomingPartitions(months, FixedClock(datetime(2026, 11, 30, tzinfo=UTC)))
        )(True)
        assert months.made == []
