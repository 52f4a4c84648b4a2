"""Keeping what a process knows of users and web sessions current, so that revoked access ends within seconds."""

import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from application.ports.operations.dependencies import DependencyUnavailable
from entrypoints.composition.chores import PeriodicTasks

REFRESH_SECONDS = 1.0
STATEMENT_SECONDS = 3.0
"""How long the database may take to answer one refresh."""
KEEP_SECONDS = 60.0
"""How long what is known stays valid while it cannot be refreshed."""
_log = logging.getLogger(__name__)


Refresh = Callable[[], Awaitable[None]]


class RefreshAccess:
    """Refreshes users and sessions, each whether or not another fails; tells once of failures, once of their end.

    What cannot be refreshed stays valid for a minute, so that a database that restarts logs nobody out. Then
    `forget` is called, and nobody is let in until all of it is current again: access that may have been taken away
    meanwhile does not go on. Nor is anybody where nothing was ever read, as on a database not migrated yet.
    """

    def __init__(
        self, *refreshes: Refresh, forget: Callable[[], None], monotonic: Callable[[], float] = monotonic
    ) -> None:
        self._refreshes = refreshes
        self._forget = forget
        self._monotonic = monotonic
        self._current_at = monotonic()
        self._current = True

    async def __call__(self, last: bool = False) -> None:
        """Refresh everything, unless the process is stopping."""
        if last:
            return
        began = self._monotonic()
        faults = [fault for refresh in self._refreshes if (fault := await _fault_of(refresh)) is not None]
        if not faults:
            self._current_at = began
            if not self._current:
                _log.info("users and sessions are refreshed again")
        elif self._current:
            _log.warning(
                "users and sessions cannot be refreshed, those last known stay valid for %.0f s: %s",
                KEEP_SECONDS,
                faults[0],
                exc_info=None if isinstance(faults[0], DependencyUnavailable) else faults[0],
            )
        self._current = not faults
        if self._monotonic() - self._current_at >= KEEP_SECONDS:
            self._forget()


async def _fault_of(refresh: Refresh) -> Exception | None:
    try:
        await refresh()
    except Exception as fault:
        return fault
    return None


def refreshing_access(refresh: RefreshAccess) -> PeriodicTasks:
    """Does so about every second; the first refresh is for the caller to await, before the first request."""
    return PeriodicTasks({"refreshing users and sessions": refresh}, every=REFRESH_SECONDS)
