"""The system's clock, version 7 UUIDs, and a clock that tests set."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID

from application.ports.clock import Clock
from application.ports.identifiers import Identifiers


class SystemClock(Clock):
    """The machine's time."""

    def now(self) -> datetime:
        """This moment in UTC."""
        return datetime.now(UTC)


class SetClock(Clock):
    """A clock that stands where it was set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment


class TimeOrderedIdentifiers(Identifiers):
    """UUIDs of version 7 (RFC 9562): 48 bits of Unix milliseconds, the rest random."""

    def new(self) -> UUID:
        """An identifier that sorts by the millisecond of its making."""
        milliseconds = time.time_ns() // 1_000_000
        value = (milliseconds << 80) | int.from_bytes(os.urandom(10))
        value = (value & ~(0xF << 76)) | (7 << 76)
        value = (value & ~(0b11 << 62)) | (0b10 << 62)
        return UUID(int=value)
