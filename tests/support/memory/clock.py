"""A fixed clock."""

from datetime import datetime

from application.ports.operations.clock import Clock


class FixedClock(Clock):
    """A clock that always returns the time it was set to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment
