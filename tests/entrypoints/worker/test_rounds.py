"""Rounds of a task: on and on, through faults, until asked to stop."""

import asyncio
import time

import pytest

from application.ports.operations.dependencies import DependencyUnavailable
from entrypoints.worker import rounds as module
from entrypoints.worker.rounds import rounds


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE", 0.001)


async def test_while_there_is_work_there_is_no_rest_and_stopping_waits_for_no_rest() -> None:
    stopping, done = asyncio.Event(), 0

    async def task() -> bool:
        nonlocal done
        done += 1
        if done == 50:
            asyncio.get_running_loop().call_later(0.05, stopping.set)
        return done < 50

    began = time.monotonic()
    await rounds(task, stopping, rest=60)
    assert done == 50
    assert time.monotonic() - began < 5


async def test_faults_are_reported_and_the_rounds_go_on(caplog: pytest.LogCaptureFixture) -> None:
    stopping, reported = asyncio.Event(), []
    faults = [DependencyUnavailable("the database is away"), ValueError("nobody expected this")]

    async def task() -> bool:
        if faults:
            raise faults.pop(0)
        stopping.set()
        return True

    await rounds(task, stopping, rest=60, report=reported.append)
    assert [str(fault) for fault in reported] == ["nobody expected this"]
    assert "the database is away" in caplog.text
