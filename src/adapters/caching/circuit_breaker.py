"""A circuit breaker: stops asking what does not answer, and tries again after a while."""

import time
from collections.abc import Callable
from enum import Enum


class BreakerState(Enum):
    """Closed: asked. Open: not asked. Probing: one question is out, and its answer settles it."""

    CLOSED = 0.0
    PROBING = 0.5
    OPEN = 1.0


class CircuitBreaker:
    """Opens after so many failures in a row, for `pause` seconds; then lets one question through.

    `now` tells seconds of a clock that never steps back.
    """

    def __init__(
        self, *, failures: int = 5, pause: float = 5.0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._pause = pause
        self._now = now
        self._failures = 0
        self._opened = 0.0
        self.state = BreakerState.CLOSED

    def allows(self) -> bool:
        """Whether to ask now. Whoever is told yes must report back with `succeeded` or `failed`."""
        if self.state is BreakerState.CLOSED:
            return True
        if self.state is BreakerState.OPEN and self._now() - self._opened >= self._pause:
            self.state = BreakerState.PROBING
            return True
        return False

    def succeeded(self) -> None:
        """It answered."""
        self._failures = 0
        self.state = BreakerState.CLOSED

    def failed(self) -> None:
        """It did not answer, or too late."""
        self._failures += 1
        if self.state is BreakerState.PROBING or self._failures >= self._most:
            self.state = BreakerState.OPEN
            self._opened = self._now()
