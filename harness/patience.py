"""Waiting for what must come true."""

import time
from collections.abc import Callable


def eventually(true: Callable[[], object], *, within: float = 15.0) -> float:
    """Return once it is true, with the seconds that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + within, f"not true within {within:g} s"
        time.sleep(0.05)
    return time.monotonic() - began
