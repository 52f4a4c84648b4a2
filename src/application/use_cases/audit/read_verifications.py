"""Read when and with what result the audit trail was last verified."""

from dataclasses import dataclass

from application.use_cases.audit.verification import RecordedVerification, RecordedVerifications
from domain.access.user import Actor, Permission
from domain.audit.verified_position import Scope


@dataclass(frozen=True, slots=True)
class LastVerifications:
    """The last verification, and the last one of everything; None if there was none."""

    last: RecordedVerification | None
    whole: RecordedVerification | None


@dataclass(frozen=True, slots=True)
class ReadLastVerifications:
    """Reads verifications from the trail, signed ones only."""

    recorded: RecordedVerifications

    async def __call__(self, *, by: Actor) -> LastVerifications:
        """The last verifications; raises PermissionDenied."""
        by.require(Permission.VERIFY_AUDIT_TRAIL)
        recent = await self.recorded.recent()
        whole = (found for found in recent if found.signed.scope is Scope.WHOLE)
        return LastVerifications(recent[0] if recent else None, next(whole, None))
