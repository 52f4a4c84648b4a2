"""Identifiers by time and chance."""

import os
import time
from uuid import UUID

from application.ports.identifiers import Identifiers


class TimeOrderedIdentifiers(Identifiers):
    """UUIDs of version 7 (RFC 9562): 48 bits of Unix milliseconds, the rest random."""

    def new(self) -> UUID:
        """An identifier that sorts by the millisecond of its making."""
        milliseconds = time.time_ns() // 1_000_000
        value = (milliseconds << 80) | int.from_bytes(os.urandom(10))
        value = (value & ~(0xF << 76)) | (7 << 76)
        value = (value & ~(0b11 << 62)) | (0b10 << 62)
        return UUID(int=value)
