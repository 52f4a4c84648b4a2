"""Verify the audit trail in the background when it is due."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.audit.checkpoints import Checkpoints
from application.ports.operations.clock import Clock
from application.use_cases.audit.verification import RecordedVerifications
from application.use_cases.audit.verification_result import Verification
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from domain.access.user import Actor

EVERYTHING_EVERY = timedelta(days=7)
"""How old the last verification of everything may become. Incremental ones do not detect that an earlier record
was altered.
"""


@dataclass(frozen=True, slots=True)
class VerifyWhenDue:
    """Verifies once in each interval, and everything once a week, in one of several replicas.

    `exclusively` opens a section that only one process can be in; it yields whether this one is.
    """

    verify: VerifyAuditTrail
    recorded: RecordedVerifications
    checkpoints: Checkpoints
    clock: Clock
    every: timedelta
    exclusively: Callable[[], AbstractAsyncContextManager[bool]]

    async def __call__(self, *, by: Actor) -> Verification | None:
        """The verification, or None if none is due or another process makes it."""
        if not await self._is_due():
            return None
        async with self.exclusively() as alone:
            if not alone or not await self._is_due():
                return None
            position = await self.recorded.position()
            whole = position is None or self.clock.now() - position.whole_at >= EVERYTHING_EVERY
            return await self.verify(by=by, whole=whole)

    async def _is_due(self) -> bool:
        """Whether an interval has passed since the last verification, or since the first checkpoint."""
        times = [each.signed.at for each in await self.recorded.recent()]
        if not times and (first := await self._first_checkpoint_at()):
            times = [first]
        now = self.clock.now()
        return bool(times) and not any(timedelta() <= now - at < self.every for at in times)

    async def _first_checkpoint_at(self) -> datetime | None:
        async for signed in self.checkpoints.all():
            return signed.checkpoint.at
        return None
