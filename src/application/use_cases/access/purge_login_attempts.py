"""Forget attempts to log in that no longer count."""

from dataclasses import dataclass

from application.ports.access.login_attempts import LoginAttempts

_AT_ONCE = 1_000
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class PurgeLoginAttempts:
    """Keeps what is kept of attempts as small as the limits make it."""

    attempts: LoginAttempts

    async def __call__(self) -> int:
        """How many were forgotten: a thousand at once, at most 100,000; what is left is for the next time."""
        forgotten = 0
        for _ in range(_MOST_AT_ONCE):
            slice_size = await self.attempts.purge(limit=_AT_ONCE)
            forgotten += slice_size
            if slice_size < _AT_ONCE:
                break
        return forgotten
