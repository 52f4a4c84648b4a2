"""Waiting for a condition."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], *, within: float = 15.0) -> float:
    """Wait until the condition holds, and return the seconds that took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() < started + within, f"not true within {within:g} s"
        time.sleep(0.05)
    return time.monotonic() - started
