"""Keeping what a process knows of users and web sessions current, so that revoked access ends within seconds."""

import logging
from collections.abc import Awaitable, Callable

from application.ports.dependencies import DependencyUnavailable
from entrypoints.container.chores import Chores

REFRESH_SECONDS = 1.0
STATEMENT_SECONDS = 3.0
"""How long the database may take to answer one refresh."""
_log = logging.getLogger(__name__)

Refresh = Callable[[], Awaitable[None]]


class RefreshAccess:
    """Refreshes, and keeps what is known where that fails; says so once, and once when it works again.

    Where nothing was ever read, as on a database that is not migrated yet, nobody is let in.
    """

    def __init__(self, *refreshes: Refresh) -> None:
        self._refreshes = refreshes
        self._current = True

    async def __call__(self, last: bool = False) -> None:
        """Refresh everything, unless the process is stopping."""
        if last:
            return
        try:
            for refresh in self._refreshes:
                await refresh()
        except Exception as fault:
            if self._current:
                unexpected = None if isinstance(fault, DependencyUnavailable) else fault
                _log.warning(
                    "users and sessions cannot be refreshed, those last known stay valid: %s",
                    fault,
                    exc_info=unexpected,
                )
            self._current = False
        else:
            if not self._current:
                _log.info("users and sessions are refreshed again")
            self._current = True


def refreshing_access(refresh: RefreshAccess) -> Chores:
    """Does so about every second; the first refresh is for the caller to await, before the first request."""
    return Chores({"refreshing users and sessions": refresh}, every=REFRESH_SECONDS)
