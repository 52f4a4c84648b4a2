"""How often each caller may ask."""

from abc import abstractmethod
from datetime import timedelta
from typing import Protocol


class TooManyRequests(Exception):
    """The caller asks more often than agreed; `wait` is how long until the next request is answered."""

    def __init__(self, caller: str, wait: timedelta, *, burst: int) -> None:
        super().__init__("more requests came than this caller may send")
        self.caller = caller
        self.wait = wait
        self.burst = burst


class RequestRates(Protocol):
    """Counts each caller's requests, apart from everybody else's."""

    @abstractmethod
    def admit(self, caller: str) -> None:
        """Count a request; raises TooManyRequests, and then does not count it."""
