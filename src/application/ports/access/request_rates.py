"""Rate limits of requests per caller."""

from abc import abstractmethod
from datetime import timedelta
from typing import Protocol


class TooManyRequests(Exception):
    """The caller exceeded the rate limit. `wait` is the time until the next request is allowed."""

    def __init__(self, caller: str, wait: timedelta, *, burst: int) -> None:
        super().__init__("the caller exceeded the request rate limit")
        self.caller = caller
        self.wait = wait
        self.burst = burst


class RequestRates(Protocol):
    """Counts the requests of each caller."""

    @abstractmethod
    def admit(self, caller: str) -> None:
        """Count a request. Raises TooManyRequests, and then does not count it."""
