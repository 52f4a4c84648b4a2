"""Delete login attempts that no longer count."""

from dataclasses import dataclass

from application.ports.access.login_attempts import LoginAttempts

_STEP = 1_000
_MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class PurgeLoginAttempts:
    """Deletes login attempts that no longer affect any limit."""

    attempts: LoginAttempts

    async def __call__(self) -> int:
        """Delete up to 100,000 in steps of 1,000, and return the number; the next call deletes the rest."""
        purged = 0
        for _ in range(_MAX_STEPS):
            count = await self.attempts.purge(limit=_STEP)
            purged += count
            if count < _STEP:
                break
        return purged
