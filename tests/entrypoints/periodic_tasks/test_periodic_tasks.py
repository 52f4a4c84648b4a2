"""Background tasks of a running process: failures are logged, and never end the process."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from application.ports.monitoring.decision_aggregates import DecisionAggregates
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.decisions.create_upcoming_partitions import CreateUpcomingPartitions
from domain.month import Month
from entrypoints.periodic_tasks.periodic_tasks import PeriodicTask, PeriodicTasks, once
from entrypoints.periodic_tasks.tasks import AggregateInBackground, CreatePartitionsMonthly, WarnOfExcessRights
from support.memory.clock import FixedClock
from support.memory.decision_partitions import MemoryDecisionPartitions


async def until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; fail after five seconds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the condition belongs to the test
            await asyncio.sleep(0.005)


async def test_a_task_runs_repeatedly_and_its_shutdown_action_once() -> None:
    runs: list[str] = []

    def action(name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            runs.append(name)

        return run

    tasks = PeriodicTasks([PeriodicTask("the task", action("run"), on_shutdown=action("shutdown"))], interval=0.01)
    await tasks.open()
    await until(lambda: len(runs) > 3)
    await tasks.close()
    assert runs.count("shutdown") == 1
    assert runs[-1] == "shutdown"


async def test_a_failing_task_is_logged_and_the_others_run(caplog: pytest.LogCaptureFixture) -> None:
    completed = asyncio.Event()

    async def unavailable() -> None:
        raise DependencyUnavailable("the database does not respond")

    async def broken() -> None:
        raise RuntimeError("unexpected value")

    async def works() -> None:
        completed.set()

    tasks = PeriodicTasks(
        [PeriodicTask("reading", unavailable), PeriodicTask("writing", broken), PeriodicTask("purging", works)]
    )
    await tasks.open()
    await asyncio.wait_for(completed.wait(), 1)
    await tasks.close()
    assert "reading: postponed: the database does not respond" in caplog.text
    assert "writing: failed" in caplog.text


async def test_tasks_that_were_never_opened_can_be_closed() -> None:
    await PeriodicTasks([]).close()


async def test_a_postponed_task_is_retried_soon() -> None:
    runs = 0

    async def unavailable_at_first() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise DependencyUnavailable("the database does not respond")

    tasks = PeriodicTasks([PeriodicTask("reading", unavailable_at_first)], retry_after=0.01)
    await tasks.open()
    await until(lambda: runs == 2)
    await asyncio.sleep(0.1)
    assert runs == 2
    await tasks.close()


async def test_an_action_that_runs_once_is_retried_until_it_succeeds() -> None:
    faults, successes = [DependencyUnavailable("the database does not respond")], 0

    async def action() -> None:
        nonlocal successes
        if faults:
            raise faults.pop()
        successes += 1

    run = once(action)
    with pytest.raises(DependencyUnavailable):
        await run()
    for _ in range(3):
        await run()
    assert successes == 1


async def test_excess_database_rights_are_logged_with_the_role_to_use(caplog: pytest.LogCaptureFixture) -> None:
    async def excess() -> str:
        return "a superuser"

    await WarnOfExcessRights(excess, "scoring_api")()
    assert "is a superuser" in caplog.text
    assert "IN ROLE scoring_api" in caplog.text


class TestCreatingPartitions:
    NOVEMBER = Month(2026, 11)

    async def test_creates_this_month_and_the_next_three_once_a_month(self) -> None:
        partitions, clock = MemoryDecisionPartitions(), FixedClock(datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
        create = CreatePartitionsMonthly(CreateUpcomingPartitions(partitions, clock), clock)
        await create()
        assert partitions.made == [self.NOVEMBER.later(number) for number in range(4)]
        partitions.made.clear()
        await create()
        assert partitions.made == []
        clock.moment = datetime(2026, 12, 1, tzinfo=UTC)
        await create()
        assert partitions.made == [self.NOVEMBER.later(number) for number in range(1, 5)]

    async def test_logs_once_which_month_the_operator_must_migrate(self, caplog: pytest.LogCaptureFixture) -> None:
        december = self.NOVEMBER.later(1)
        partitions = MemoryDecisionPartitions([december] * 10_001)
        clock = FixedClock(datetime(2026, 11, 30, tzinfo=UTC))
        create = CreatePartitionsMonthly(CreateUpcomingPartitions(partitions, clock), clock)
        for _ in range(3):
            await create()
        assert december not in partitions.made
        assert caplog.text.count("no partition was created for 2026-12") == 1
        assert "`scoring migrate`" in caplog.text


class _Aggregates(DecisionAggregates):
    """Has many entries to add, unless another process is adding them."""

    def __init__(self, *reads: int | None) -> None:
        self.left = list(reads)
        self.runs = 0

    async def add_next(self, limit: int) -> int | None:
        self.runs += 1
        return self.left.pop(0) if self.left else 0

    async def pending(self) -> int:
        return sum(read or 0 for read in self.left)

    async def clear(self) -> None:
        self.left = []


async def test_a_backlog_of_decisions_is_added_in_one_run_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    aggregates = _Aggregates(100_000, 9_000, 500)
    await AggregateInBackground(aggregates)()
    assert (aggregates.left, aggregates.runs) == ([], 3)
    assert "109500 audit entries were added" in caplog.text


async def test_few_new_decisions_wait_for_the_next_run_and_others_for_the_process_that_adds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    for first in (999, None):
        aggregates = _Aggregates(first, 50_000)
        await AggregateInBackground(aggregates)()
        assert (aggregates.left, aggregates.runs) == ([50_000], 1)
    assert caplog.text == ""
