"""Polling: a task runs again immediately while it finds work, otherwise after a pause."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from application.ports.operations.dependencies import DependencyUnavailable

_log = logging.getLogger(__name__)
_FIRST_BACKOFF, _LONGEST_BACKOFF = 0.5, 30.0

Task = Callable[[], Awaitable[bool]]
"""Returns whether it found work."""


def _only_logged(fault: BaseException) -> None:
    """Report nothing beyond the log."""


async def poll(
    task: Task,
    stopping: asyncio.Event,
    *,
    interval: float,
    report: Callable[[BaseException], None] = _only_logged,
) -> None:
    """Run the task until `stopping` is set, then return after the current run.

    `interval` is the pause in seconds where there is no work. A failure is logged and the task retried; an
    unexpected one is also passed to `report`.
    """
    backoff = _FIRST_BACKOFF
    while not stopping.is_set():
        try:
            seconds = 0.0 if await task() else interval
            backoff = _FIRST_BACKOFF
        except DependencyUnavailable as fault:
            _log.warning("a dependency is unavailable, retrying: %s", fault)
            seconds, backoff = _with_jitter(backoff), min(2 * backoff, _LONGEST_BACKOFF)
        except Exception as fault:
            _log.exception("unexpected failure, retrying")
            report(fault)
            seconds, backoff = _with_jitter(backoff), min(2 * backoff, _LONGEST_BACKOFF)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), seconds)


def _with_jitter(seconds: float) -> float:
    """Half to all of the time, so that workers do not retry simultaneously."""
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311 - not used for security
