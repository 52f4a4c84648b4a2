"""Rounds of one task: at once again while there is work, after a rest when there is none, later when it fails."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from application.ports.operations.dependencies import DependencyUnavailable

_log = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0

Task = Callable[[], Awaitable[bool]]
"""One round; says whether there was anything to do."""


def _unreported(fault: BaseException) -> None:
    """A fault that is logged alone."""


async def rounds(
    task: Task,
    stopping: asyncio.Event,
    *,
    rest: float,
    report: Callable[[BaseException], None] = _unreported,
) -> None:
    """Return when asked to stop, once the round at hand is over. Whatever fails is logged, and tried again."""
    pause = _FIRST_PAUSE
    while not stopping.is_set():
        try:
            seconds = 0.0 if await task() else rest
            pause = _FIRST_PAUSE
        except DependencyUnavailable as fault:
            _log.warning("a round came to nothing: %s", fault)
            seconds, pause = _spread(pause), min(2 * pause, _LONGEST_PAUSE)
        except Exception as fault:
            _log.exception("a round failed unexpectedly")
            report(fault)
            seconds, pause = _spread(pause), min(2 * pause, _LONGEST_PAUSE)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), seconds)


def _spread(seconds: float) -> float:
    """About so many seconds: workers must not come all at once."""
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311 - nothing secret
