"""A circuit breaker: stops calling a server that fails, and tries it again after a pause."""

import time
from collections.abc import Callable
from enum import Enum


class BreakerState(Enum):
    """Closed: calls are allowed. Open: they are not. Half open: one call is in progress, and its result decides.

    The value is what metrics show.
    """

    CLOSED = 0.0
    HALF_OPEN = 0.5
    OPEN = 1.0


class CircuitBreaker:
    """Opens after `failures` failed calls in a row. After `pause` seconds one trial call is allowed.

    `now` returns the seconds of a monotonic clock.
    """

    def __init__(
        self, *, failures: int = 5, pause: float = 5.0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_failures = failures
        self._pause = pause
        self._now = now
        self._failures = 0
        self._opened_at = 0.0
        self.state = BreakerState.CLOSED

    def allows_call(self) -> bool:
        """Whether to call now. Report each allowed call with `succeeded`, `failed` or `cancelled`."""
        if self.state is BreakerState.CLOSED:
            return True
        if self.state is BreakerState.OPEN and self._now() - self._opened_at >= self._pause:
            self.state = BreakerState.HALF_OPEN
            return True
        return False

    def succeeded(self) -> None:
        """Close the breaker."""
        self._failures = 0
        self.state = BreakerState.CLOSED

    def failed(self) -> None:
        """Count a call that raised or timed out."""
        self._failures += 1
        if self.state is BreakerState.HALF_OPEN or self._failures >= self._max_failures:
            self.state = BreakerState.OPEN
            self._opened_at = self._now()

    def cancelled(self) -> None:
        """Allow another trial call if this one was a trial: its result is unknown."""
        if self.state is BreakerState.HALF_OPEN:
            self.state = BreakerState.OPEN
