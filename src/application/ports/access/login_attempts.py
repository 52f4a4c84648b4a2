"""How often logging in failed lately, by all processes together."""

from abc import abstractmethod
from datetime import timedelta
from typing import Protocol


class TooManyAttempts(Exception):
    """Logging in failed too often; whether the name exists plays no part. `wait` is how long until the next."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("there were too many failed attempts to log in")
        self.wait = wait


class LoginAttempts(Protocol):
    """Counts attempts as failed when they begin, and gives back those that turn out right.

    So no more are ever under way than may fail, on however many processes. Raises DependencyUnavailable when the
    storage does not answer.
    """

    @abstractmethod
    async def begin(self, name: str, address: str) -> None:
        """Count an attempt; raises TooManyAttempts, and then counts nothing."""

    @abstractmethod
    async def succeeded(self, name: str, address: str) -> None:
        """The attempt was right: it does not count, nor do those before it for this name from this address."""

    @abstractmethod
    async def purge(self, *, limit: int) -> int:
        """Forget what no longer counts; how many were forgotten. Several may do it at the same time."""
