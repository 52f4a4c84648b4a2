"""Keeping users and sessions current, through failures."""

import logging

import pytest

from application.ports.operations.dependencies import DependencyUnavailable
from entrypoints.composition.revocation import RefreshAccess


class Storage:
    """Can be read while there is no fault."""

    reads = 0
    fault: Exception | None = None

    async def read(self) -> None:
        self.reads += 1
        if self.fault is not None:
            raise self.fault


def unexpected() -> None:
    raise AssertionError("what is known was forgotten")


@pytest.mark.parametrize("fault", [DependencyUnavailable("away"), ValueError("no such column")])
async def test_a_failure_is_told_once_and_so_is_its_end(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    users, sessions = Storage(), Storage()
    refresh = RefreshAccess(users.read, sessions.read, forget=unexpected)
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
    assert caplog.messages[1:] == ["users and sessions are refreshed again"]


async def test_a_process_that_stops_refreshes_nothing_more() -> None:
    users = Storage()
    await RefreshAccess(users.read, forget=unexpected)(True)
    assert users.reads == 0


async def test_each_is_refreshed_whether_or_not_the_other_fails() -> None:
    users, sessions = Storage(), Storage()
    sessions.fault = DependencyUnavailable("away")
    await RefreshAccess(sessions.read, users.read, forget=unexpected)()
    assert users.reads == 1
