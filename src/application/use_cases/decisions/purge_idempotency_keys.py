"""Forget old keys: nobody asks again for what was answered weeks ago."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.decisions.idempotency_keys import IdempotencyKeys

_AT_ONCE = 1_000
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class PurgeIdempotencyKeys:
    """Forgets callers' keys that are older than `keep`; the decisions and batches they stood for stay."""

    keys: IdempotencyKeys
    keep: timedelta

    async def __call__(self) -> int:
        """How many were forgotten: a thousand at once, at most 100,000; what is left is for the next time."""
        forgotten = 0
        for _ in range(_MOST_AT_ONCE):
            slice_size = await self.keys.purge(older_than=self.keep, limit=_AT_ONCE)
            forgotten += slice_size
            if slice_size < _AT_ONCE:
                break
        return forgotten
