"""Request rate limits in memory: half a microsecond per request, in bounded memory."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from application.ports.access.request_rates import RequestRates, TooManyRequests


def _ignore() -> None:
    """Ignore a refusal."""


class MemoryRequestRates(RequestRates):
    """Allows each caller `per_second` requests with a `burst`, by the generic cell rate algorithm.

    The only state per caller is the time at which its allowance will be full again. When there are `max_callers`,
    callers without a request since the last time that happened are dropped, so at most twice as many are stored.
    """

    def __init__(
        self,
        per_second: int,
        burst: int,
        *,
        max_callers: int = 10_000,
        now: Callable[[], float] = monotonic,
        on_refusal: Callable[[], None] = _ignore,
    ) -> None:
        self._each = 1 / per_second
        self._slack = (burst - 1) / per_second + 1e-9  # tolerance for rounding errors
        self._burst = burst
        self._max_callers = max_callers
        self._now = now
        self._on_refusal = on_refusal
        self._full_at: dict[str, float] = {}
        self._previous: dict[str, float] = {}

    def admit(self, caller: str) -> None:
        """Count a request."""
        now = self._now()
        full_at = self._full_at.get(caller)
        if full_at is None:
            full_at = self._add_caller(caller)
        if full_at <= now:
            self._full_at[caller] = now + self._each
        elif full_at - now <= self._slack:
            self._full_at[caller] = full_at + self._each
        else:
            self._on_refusal()
            wait = timedelta(seconds=full_at - now - self._slack)
            raise TooManyRequests(caller, wait, burst=self._burst)

    def __len__(self) -> int:
        return len(self._full_at) + len(self._previous)

    def _add_caller(self, caller: str) -> float:
        if len(self._full_at) >= self._max_callers:
            self._previous, self._full_at = self._full_at, {}
        full_at = self._full_at[caller] = self._previous.pop(caller, 0.0)
        return full_at
