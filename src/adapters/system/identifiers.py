"""Identifiers by time and chance."""

import os
import time
from uuid import UUID

from application.ports.operations.identifiers import Identifiers

_VERSION_AND_VARIANT = 7 << 76 | 0b10 << 62
_RANDOM = (1 << 76) - 1 & ~(0b11 << 62)
_BYTES, _AT_ONCE = 10, 256


class TimeOrderedIdentifiers(Identifiers):
    """UUIDs of version 7 (RFC 9562): 48 bits of Unix milliseconds, the rest random.

    Chance is fetched from the system for many of them at a time, by the process that makes them.
    """

    def __init__(self) -> None:
        self._chance: list[int] = []
        os.register_at_fork(after_in_child=self._chance.clear)

    def new(self) -> UUID:
        """An identifier that sorts by the millisecond of its making."""
        if not self._chance:
            fetched = os.urandom(_BYTES * _AT_ONCE)
            self._chance += [
                int.from_bytes(fetched[start : start + _BYTES]) & _RANDOM | _VERSION_AND_VARIANT
                for start in range(0, len(fetched), _BYTES)
            ]
        return UUID(int=time.time_ns() // 1_000_000 << 80 | self._chance.pop())
