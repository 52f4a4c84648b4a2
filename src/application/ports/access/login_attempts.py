"""Failed login attempts, counted across all processes."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.audit.event import RecordedEvent


class TooManyAttempts(Exception):
    """Too many logins failed, whether or not the username exists. `wait` is the time until the next is allowed."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("there were too many failed attempts to log in")
        self.wait = wait


class LoginAttempts(Protocol):
    """Counts each attempt as failed when it begins, and reverts that if it succeeds.

    So concurrent attempts never exceed the limit of failures, on any number of processes. Raises
    DependencyUnavailable if the storage does not answer.
    """

    @abstractmethod
    async def begin(self, name: str, address: str) -> None:
        """Count an attempt. Raises TooManyAttempts, and then counts nothing."""

    @abstractmethod
    async def succeeded(self, name: str, address: str) -> None:
        """Stop counting this attempt and earlier ones for this username from this address."""

    @abstractmethod
    async def locked_until(self, names: Sequence[str]) -> Mapping[str, datetime]:
        """Until when logins with each of these usernames are refused, at least from some address.

        Usernames without refused logins are absent. Limits of an address alone are no username's.
        """

    @abstractmethod
    async def unlock(self, name: str, *, event: RecordedEvent) -> bool:
        """Stop counting all failed attempts for a username; return False, without the event, if there are none."""

    @abstractmethod
    async def purge(self, *, limit: int) -> int:
        """Delete attempts that no longer count, and return their number. Concurrent calls are safe."""
