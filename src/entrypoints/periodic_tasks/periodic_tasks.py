"""Background tasks of a process, run at intervals; their failures are logged and never affect a request."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from application.ports.operations.dependencies import DependencyUnavailable

_log = logging.getLogger(__name__)
_SHUTDOWN_SECONDS = 2.0

Action = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """A named action; `on_shutdown`, where given, runs once more while the process stops."""

    name: str
    run: Action
    on_shutdown: Action | None = None


def once(action: Action) -> Action:
    """Return the action as one that does nothing after its first success."""
    done = False

    async def run() -> None:
        nonlocal done
        if not done:
            await action()
            done = True

    return run


class PeriodicTasks:
    """Runs its tasks in order at the start and about every `interval` seconds.

    Where a dependency was unavailable, all of them run again after `retry_after` seconds.
    """

    def __init__(self, tasks: Sequence[PeriodicTask], *, interval: float = 60.0, retry_after: float = 5.0) -> None:
        self._tasks = tasks
        self._interval = interval
        self._retry_after = min(interval, retry_after)
        self._loop: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._loop = asyncio.create_task(self._run_forever())

    async def close(self) -> None:
        """Stop, then run what is due on shutdown for at most two seconds."""
        if self._loop is None:
            return
        self._loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._loop
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._shut_down(), _SHUTDOWN_SECONDS)

    async def _run_forever(self) -> None:
        while True:
            succeeded = [await _run(task.name, task.run) for task in self._tasks]
            pause = self._interval if all(succeeded) else self._retry_after
            await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - spreads the load of replicas

    async def _shut_down(self) -> None:
        for task in self._tasks:
            if task.on_shutdown is not None:
                await _run(task.name, task.on_shutdown)


async def _run(name: str, action: Action) -> bool:
    """Return False where a dependency was unavailable, so that the action should be retried soon."""
    try:
        await action()
    except DependencyUnavailable as fault:
        _log.warning("%s: postponed: %s", name, fault)
        return False
    except Exception:
        _log.exception("%s: failed", name)
    return True
