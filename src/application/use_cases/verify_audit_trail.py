"""Verify the audit trail: recompute every link and every record it vouches for."""

from dataclasses import dataclass

from application.ports.audit_trail import AuditTrail
from domain.access.user import Actor, Permission
from domain.audit.entry import Break, ChainVerifier


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what was found; `breaks` is empty when the trail is whole."""

    chains: int
    entries: int
    breaks: tuple[Break, ...]


@dataclass(frozen=True, slots=True)
class VerifyAuditTrail:
    """Checks that nothing on record was changed, removed or slipped in."""

    trail: AuditTrail

    async def __call__(self, *, by: Actor) -> Verification:
        """Check every entry of every chain."""
        by.must(Permission.VERIFY_AUDIT_TRAIL)
        verifier = ChainVerifier()
        found = [
            fault async for entry, document in self.trail.entries() if (fault := verifier.check(entry, document))
        ]
        return Verification(verifier.chains, verifier.entries, tuple(found))
