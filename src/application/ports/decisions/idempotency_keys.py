"""Callers' keys on record, which are not kept for ever."""

from abc import abstractmethod
from datetime import timedelta
from typing import Protocol


class IdempotencyKeys(Protocol):
    """Keys under which something was asked for; raises DependencyUnavailable when the storage does not answer."""

    @abstractmethod
    async def purge(self, *, older_than: timedelta, limit: int) -> int:
        """Forget keys of that age by the storage's own clock, the oldest first; how many were forgotten.

        What they stand for stays on record. Several may do it at the same time.
        """
