"""Keeps a process's copies of shared state current: users, web sessions and the policy in force.

So revoked access ends, and another policy decides, within seconds.
"""

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


class CopyRefresh:
    """Refreshes copies of the `subject` independently of each other; logs the first failure and the recovery.

    While refreshes fail, the copies stay valid for a minute, so that a restart of the database does not log users
    out. Then `forget` clears them, and access and decisions are denied until everything is current again, because
    access may have been revoked, or another policy activated, in the meantime. They are also denied where nothing
    could be read yet, as on a database without its schema.
    """

    def __init__(
        self,
        *refreshes: Refresh,
        subject: str,
        forget: Callable[[], None],
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        self._refreshes = refreshes
        self._subject = subject
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
                _log.info("refreshed %s again", self._subject)
        elif self._current:
            _log.warning(
                "cannot refresh %s; the last known state stays valid for %.0f s: %s",
                self._subject,
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
