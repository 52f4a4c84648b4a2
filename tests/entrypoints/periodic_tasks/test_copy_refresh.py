"""Refreshing users and sessions, through failures."""

import logging

import pytest

from application.ports.operations.dependencies import DependencyUnavailable
from entrypoints.periodic_tasks.copy_refresh import CopyRefresh


class Storage:
    """Can be read unless a fault is set."""

    reads = 0
    fault: Exception | None = None

    async def read(self) -> None:
        self.reads += 1
        if self.fault is not None:
            raise self.fault


def unexpected() -> None:
    raise AssertionError("the copy was cleared")


@pytest.mark.parametrize("fault", [DependencyUnavailable("unavailable"), ValueError("no such column")])
async def test_a_failure_is_logged_once_and_so_is_the_recovery(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    users, sessions = Storage(), Storage()
    refresh = CopyRefresh(users.read, sessions.read, subject="users and sessions", forget=unexpected)
    await refresh()
    assert (users.reads, sessions.reads, caplog.messages) == (1, 1, [])
    sessions.fault = fault
    for _ in range(3):
        await refresh()
    assert len(caplog.messages) == 1
    assert str(fault) in caplog.messages[0]
    assert bool(caplog.records[0].exc_info) is isinstance(fault, ValueError)
    sessions.fault = None
    for _ in range(2):
        await refresh()
    assert caplog.messages[1:] == ["refreshed users and sessions again"]


async def test_each_is_refreshed_when_the_other_fails() -> None:
    users, sessions = Storage(), Storage()
    sessions.fault = DependencyUnavailable("unavailable")
    await CopyRefresh(sessions.read, users.read, subject="users and sessions", forget=unexpected)()
    assert users.reads == 1
