"""Time-ordered identifiers."""

import os
import time
from uuid import UUID

from application.ports.operations.identifiers import Identifiers

_VERSION_AND_VARIANT = 7 << 76 | 0b10 << 62
_RANDOM = (1 << 76) - 1 & ~(0b11 << 62)
_BYTES, _PREFETCHED = 10, 256


class TimeOrderedIdentifiers(Identifiers):
    """UUIDs of version 7 (RFC 9562): 48 bits of Unix milliseconds, the rest random.

    Random bits are read from the system for many identifiers at a time; a forked process discards its parent's.
    """

    def __init__(self) -> None:
        self._random_bits: list[int] = []
        os.register_at_fork(after_in_child=self._random_bits.clear)

    def new(self) -> UUID:
        """Return an identifier that sorts by the millisecond of its creation."""
        if not self._random_bits:
            block = os.urandom(_BYTES * _PREFETCHED)
            self._random_bits += [
                int.from_bytes(block[start : start + _BYTES]) & _RANDOM | _VERSION_AND_VARIANT
                for start in range(0, len(block), _BYTES)
            ]
        return UUID(int=time.time_ns() // 1_000_000 << 80 | self._random_bits.pop())
