"""The current time."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """A clock."""

    @abstractmethod
    def now(self) -> datetime:
        """The current time, in UTC with a time zone."""
