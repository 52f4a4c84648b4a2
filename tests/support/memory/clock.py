"""A clock that stands still."""

from datetime import datetime

from application.ports.operations.clock import Clock


class FixedClock(Clock):
    """A clock that stands where it was set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment
