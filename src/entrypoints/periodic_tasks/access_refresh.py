"""Keeps a process's copy of users and web sessions current, so that revoked access ends within seconds."""

import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from application.ports.operations.dependencies import DependencyUnavailable

REFRESH_SECONDS = 1.0
STATEMENT_SECONDS = 3.0
"""The time limit of one refresh in the database."""
STALE_SECONDS = 60.0
"""How long the copy stays valid while it cannot be refreshed."""
_log = logging.getLogger(__name__)

Refresh = Callable[[], Awaitable[None]]


class AccessRefresh:
    """Refreshes users and sessions independently of each other; logs the first failure and the recovery.

    While refreshes fail, the copy stays valid for a minute, so that a restart of the database does not log users
    out. Then `forget` clears it, and access is denied until everything is current again, because access may have
    been revoked in the meantime. Access is also denied where nothing could be read yet, as on a database without
    its schema.
    """

    def __init__(
        self, *refreshes: Refresh, forget: Callable[[], None], monotonic: Callable[[], float] = monotonic
    ) -> None:
        self._refreshes = refreshes
        self._forget = forget
        self._monotonic = monotonic
        self._current_at = monotonic()
        self._current = True

    async def __call__(self) -> None:
        started = self._monotonic()
        faults = [fault for refresh in self._refreshes if (fault := await _fault_of(refresh)) is not None]
        if not faults:
            self._current_at = started
            if not self._current:
                _log.info("users and sessions are current again")
        elif self._current:
            _log.warning(
                "users and sessions cannot be refreshed; the last known ones stay valid for %.0f s: %s",
                STALE_SECONDS,
                faults[0],
                exc_info=None if isinstance(faults[0], DependencyUnavailable) else faults[0],
            )
        self._current = not faults
        if self._monotonic() - self._current_at >= STALE_SECONDS:
            self._forget()


async def _fault_of(refresh: Refresh) -> Exception | None:
    try:
        await refresh()
    except Exception as fault:
        return fault
    return None
