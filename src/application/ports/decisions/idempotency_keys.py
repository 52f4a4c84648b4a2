"""Recorded idempotency keys, which have a retention time."""

from abc import abstractmethod
from datetime import timedelta
from typing import Protocol


class IdempotencyKeys(Protocol):
    """Stores idempotency keys; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def purge(self, *, older_than: timedelta, limit: int) -> int:
        """Delete keys of that age by the storage's clock, oldest first, and return their number.

        The decisions and batches they belong to remain. Concurrent calls are safe.
        """
