"""Polling: it continues through failures until it is stopped."""

import asyncio
import time

import pytest

from application.ports.operations.dependencies import DependencyUnavailable
from entrypoints.worker import polling
from entrypoints.worker.polling import poll


@pytest.fixture(autouse=True)
def _short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "_FIRST_BACKOFF", 0.001)


async def test_there_is_no_pause_while_there_is_work_and_stopping_ends_a_pause() -> None:
    stopping, done = asyncio.Event(), 0

    async def task() -> bool:
        nonlocal done
        done += 1
        if done == 50:
            asyncio.get_running_loop().call_later(0.05, stopping.set)
        return done < 50

    started = time.monotonic()
    await poll(task, stopping, interval=60)
    assert done == 50
    assert time.monotonic() - started < 5


async def test_polling_continues_after_failures_and_reports_the_unexpected(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopping, reported = asyncio.Event(), []
    faults = [DependencyUnavailable("the database is unavailable"), ValueError("unexpected")]

    async def task() -> bool:
        if faults:
            raise faults.pop(0)
        stopping.set()
        return True

    await poll(task, stopping, interval=60, report=reported.append)
    assert [str(fault) for fault in reported] == ["unexpected"]
    assert "the database is unavailable" in caplog.text
