"""Login attempts in the memory of one process."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice

from application.ports.access.login_attempts import LoginAttempts, TooManyAttempts
from application.ports.audit.audit_events import AuditEvents
from application.ports.operations.clock import Clock
from domain.access.rate_limit import LoginLimits, RateLimit, origin
from domain.audit.event import RecordedEvent

_Key = tuple[str, ...]
_OF_A_NAME = ("name", "together")


class MemoryLoginAttempts(LoginAttempts):
    """Stores when each allowance will be full again, and until when each address is familiar."""

    def __init__(self, limits: LoginLimits, clock: Clock, events: AuditEvents | None = None) -> None:
        self._events = events
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

    async def locked_until(self, names: Sequence[str]) -> Mapping[str, datetime]:
        """The latest end of the refusals of each username."""
        now, found = self._clock.now(), dict[str, datetime]()
        for (kind, *rest), until in self._until.items():
            name = rest[0]
            if kind not in _OF_A_NAME or name not in names:
                continue
            limit = self._limits.name if kind == "name" else self._limits.per_username_and_address
            end = now + limit.wait(until, now)
            if end > now:
                found[name] = max(end, found.get(name, end))
        return found

    async def unlock(self, name: str, *, event: RecordedEvent) -> bool:
        """Stop counting the failed attempts."""
        counted = [key for key in self._until if key[0] in _OF_A_NAME and key[1] == name]
        if counted and self._events is not None:
            await self._events.record_event(event)
        for key in counted:
            del self._until[key]
        return bool(counted)

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
