"""The system's clock."""

from datetime import UTC, datetime

from application.ports.operations.clock import Clock


class SystemClock(Clock):
    """The machine's time."""

    def now(self) -> datetime:
        """This moment in UTC."""
        return datetime.now(UTC)
