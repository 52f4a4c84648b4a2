"""Waiting for a condition."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], *, within: float = 15.0, every: float = 0.05) -> float:
    """Wait until the condition holds, asking `every` so many seconds, and return the seconds that took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() < started + within, f"not true within {within:g} s"
        time.sleep(every)
    return time.monotonic() - started
