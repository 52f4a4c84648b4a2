"""Login attempts in the memory of one process."""

from datetime import datetime
from itertools import islice

from application.ports.access.login_attempts import LoginAttempts, TooManyAttempts
from application.ports.operations.clock import Clock
from domain.access.rate_limit import LoginLimits, RateLimit, origin

_Key = tuple[str, ...]


class MemoryLoginAttempts(LoginAttempts):
    """Stores when each allowance will be full again, and until when each address is familiar."""

    def __init__(self, limits: LoginLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._until: dict[_Key, datetime] = {}

    async def begin(self, name: str, address: str) -> None:
        """Count an attempt."""
        now = self._clock.now()
        counted = self._counted(name, origin(address), now)
        for key, allowance in counted.items():
            wait = allowance.wait(self._until.get(key, now), now)
            if wait.total_seconds() > 0:
                raise TooManyAttempts(wait)
        for key, allowance in counted.items():
            self._until[key] = allowance.after_one_more(self._until.get(key, now), now)

    async def succeeded(self, name: str, address: str) -> None:
        """Stop counting the attempt."""
        now, place = self._clock.now(), origin(address)
        for key, allowance in self._counted(name, place, now).items():
            self._until[key] = self._until.get(key, now) - allowance.each
        self._until.pop(("together", name, place), None)
        self._until["familiar", name, place] = now + self._limits.familiar_for

    async def purge(self, *, limit: int) -> int:
        """Delete what has expired."""
        now = self._clock.now()
        expired = list(islice((key for key, until in self._until.items() if until < now), limit))
        for key in expired:
            del self._until[key]
        return len(expired)

    def _counted(self, name: str, place: str, now: datetime) -> dict[_Key, RateLimit]:
        per_username_and_address: dict[_Key, RateLimit] = {
            ("together", name, place): self._limits.per_username_and_address
        }
        if self._until.get(("familiar", name, place), now) > now:
            return per_username_and_address
        unfamiliar: dict[_Key, RateLimit] = {
            ("address", place): self._limits.address,
            ("name", name): self._limits.name,
        }
        return unfamiliar | per_username_and_address
