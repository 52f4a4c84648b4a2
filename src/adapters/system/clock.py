"""The system's clock."""

from datetime import UTC, datetime

from application.ports.operations.clock import Clock


class SystemClock(Clock):
    """Reads the time of the operating system."""

    def now(self) -> datetime:
        return datetime.now(UTC)
