"""Forget old batches: their results were fetched long ago, and refused rows hold applicants' figures."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.batches.batches import Batches

_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class PurgeBatches:
    """Forgets batches that ended longer ago than `keep`; the decisions that were made stay on record."""

    batches: Batches
    keep: timedelta

    async def __call__(self) -> int:
        """How many were forgotten: one at once, since one may be large, at most 100; the rest the next time."""
        for forgotten in range(_MOST_AT_ONCE):
            if not await self.batches.purge(older_than=self.keep, limit=1):
                return forgotten
        return _MOST_AT_ONCE
