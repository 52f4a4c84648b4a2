"""Delete idempotency keys whose retention has ended."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.decisions.idempotency_keys import IdempotencyKeys

_STEP = 1_000
_MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class PurgeIdempotencyKeys:
    """Deletes idempotency keys older than `keep`. Their decisions and batches remain."""

    keys: IdempotencyKeys
    keep: timedelta

    async def __call__(self) -> int:
        """Delete up to 100,000 in steps of 1,000, and return the number; the next call deletes the rest."""
        purged = 0
        for _ in range(_MAX_STEPS):
            count = await self.keys.purge(older_than=self.keep, limit=_STEP)
            purged += count
            if count < _STEP:
                break
        return purged
