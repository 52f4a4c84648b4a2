"""Requests counted in the process: half a microsecond each, and no more memory however many call."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from application.ports.access.request_rates import RequestRates, TooManyRequests


def _nobody_asks() -> None:
    """Tell nobody of a refusal."""


class MemoryRequestRates(RequestRates):
    """Each caller's requests, `per_second` and at most `burst`, by the generic cell rate algorithm.

    Of a caller one number is kept: when all that was used will have come back. When `most_callers` are known,
    those who did not ask since the last time that happened are forgotten: more than twice as many are never kept.
    """

    def __init__(
        self,
        per_second: int,
        burst: int,
        *,
        most_callers: int = 10_000,
        now: Callable[[], float] = monotonic,
        on_refusal: Callable[[], None] = _nobody_asks,
    ) -> None:
        self._each = 1 / per_second
        self._slack = (burst - 1) / per_second + 1e-9  # for sums that should be equal and are not quite
        self._burst = burst
        self._most = most_callers
        self._now = now
        self._on_refusal = on_refusal
        self._full_at: dict[str, float] = {}
        self._before: dict[str, float] = {}

    def admit(self, caller: str) -> None:
        """Count a request."""
        now = self._now()
        full_at = self._full_at.get(caller)
        if full_at is None:
            full_at = self._newcomer(caller)
        if full_at <= now:
            self._full_at[caller] = now + self._each
        elif full_at - now <= self._slack:
            self._full_at[caller] = full_at + self._each
        else:
            self._on_refusal()
            wait = timedelta(seconds=full_at - now - self._slack)
            raise TooManyRequests(caller, wait, burst=self._burst)

    def __len__(self) -> int:
        return len(self._full_at) + len(self._before)

    def _newcomer(self, caller: str) -> float:
        if len(self._full_at) >= self._most:
            self._before, self._full_at = self._full_at, {}
        full_at = self._full_at[caller] = self._before.pop(caller, 0.0)
        return full_at
