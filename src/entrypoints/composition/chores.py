"""What a running service does by itself, every minute: chores that must never get in the way of an answer."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Mapping

from application.ports.operations.dependencies import DependencyUnavailable

_log = logging.getLogger(__name__)
_LONGEST_LAST = 2.0
_SOON = 5.0
"""Seconds until chores are done again when one had to wait: what decides must be kept while it is there."""

Chore = Callable[[bool], Awaitable[object]]
"""Told whether this is the last time."""


class PeriodicTasks:
    """Does each chore at the start, about every `every` seconds, and a last time at the end; faults are logged.

    Where something did not answer they are done again sooner.
    """

    def __init__(self, chores: Mapping[str, Chore], *, every: float = 60.0) -> None:
        self._chores = chores
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Do everything once more, within two seconds, and end."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._do_all(last=True), _LONGEST_LAST)

    async def _keep(self) -> None:
        while True:
            waited = await self._do_all(last=False)
            pause = min(self._every, _SOON) if waited else self._every
            await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - replicas must not come all at once

    async def _do_all(self, *, last: bool) -> bool:
        """Do them, and say whether one has to wait."""
        waited = False
        for name, chore in self._chores.items():
            try:
                await chore(last)
            except DependencyUnavailable as fault:
                _log.warning("%s has to wait: %s", name, fault)
                waited = True
            except Exception:
                _log.exception("%s failed", name)
        return waited
