"""Delete batches whose retention has ended; rejected rows contain personal data."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.batches.batches import Batches

_MAX_PER_RUN = 100


@dataclass(frozen=True, slots=True)
class PurgeBatches:
    """Deletes batches that ended longer ago than `keep`. Their decisions remain."""

    batches: Batches
    keep: timedelta

    async def __call__(self) -> int:
        """Delete up to 100, one per transaction because one may be large, and return their number."""
        for purged in range(_MAX_PER_RUN):
            if not await self.batches.purge(older_than=self.keep, limit=1):
                return purged
        return _MAX_PER_RUN
