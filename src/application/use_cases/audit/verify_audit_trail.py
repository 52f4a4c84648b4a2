"""Verify the audit trail: recompute the digest of every entry and record, and check every checkpoint."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.audit.audit_events import EventRefused
from application.ports.audit.audit_trail import AuditTrail
from application.ports.audit.checkpoints import Checkpoints
from application.ports.audit.signatures import Signatures
from application.ports.audit.stored_versions import StoredVersions
from application.use_cases.audit.record_event import RecordEvent
from domain.access.user import Actor, Permission
from domain.audit.archived_versions import VersionVerifier
from domain.audit.checkpoint import CheckpointVerifier
from domain.audit.checkpoint_copy import CheckpointCopy, CheckpointCopyVerifier
from domain.audit.checkpoint_expectations import CheckpointExpectations
from domain.audit.entry import DECISION_RECORDED, ChainVerifier, IntegrityViolation
from domain.audit.event import EventKind
from domain.month import Month

_NO_ENTRY = "it has no audit entry: it was inserted directly, or its entry was removed"
MAX_LISTED_VIOLATIONS = 1000
"""Further violations are counted but not listed."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and the first `MAX_LISTED_VIOLATIONS` integrity violations; none means a valid trail.

    `violation_count` counts all violations, `archived` the entries whose records are archived, `copies_compared`
    the checkpoint copies that were compared, and `events` the entries for anything but decisions. `recorded` is
    False if the verification should have been recorded on the trail but the database refused it. `key`
    (hexadecimal) signed the last checkpoint, created at `checkpointed_at`.
    """

    chains: int
    entries: int
    violations: tuple[IntegrityViolation, ...]
    violation_count: int = 0
    archived: int = 0
    checkpoints: int = 0
    checkpointed_at: datetime | None = None
    key: str | None = None
    copies_compared: int = 0
    events: int = 0
    recorded: bool = True

    @property
    def empty(self) -> bool:
        """Whether there was no decision to verify, which is not the same as a valid trail."""
        return self.entries == self.events and not self.violations


@dataclass(frozen=True, slots=True)
class VerifyAuditTrail:
    """Checks that no record was changed or removed, and that every decision and event has its audit entry.

    Only checkpoints signed with a key in `trusted` count; if `trusted` is empty, one key must have signed all of
    them. With `versions`, the policy and model bundle of each decision must be stored and match their
    fingerprints. With `record`, the verification and its result are recorded on the trail.
    """

    trail: AuditTrail
    checkpoints: Checkpoints
    signatures: Signatures
    trusted: Collection[bytes] = ()
    versions: StoredVersions | None = None
    record: RecordEvent | None = None

    async def __call__(
        self, *, by: Actor, archived: Collection[Month] = (), copies: Collection[CheckpointCopy] = ()
    ) -> Verification:
        """Check every entry of every chain, every decision and event, and every checkpoint.

        Records of decisions made in `archived` months may be missing. Each of the `copies`, kept outside the
        database, must match its checkpoint. Raises PermissionDenied.
        """
        by.require(Permission.VERIFY_AUDIT_TRAIL)
        chains = ChainVerifier(archived)
        checkpoints = CheckpointVerifier(self.signatures.verify, self.trusted)
        violations: list[IntegrityViolation] = []
        count = 0
        async for violation in self._violations(chains, checkpoints, CheckpointCopyVerifier(copies, self.trusted)):
            count += 1
            if count <= MAX_LISTED_VIOLATIONS:
                violations.append(violation)
        last = checkpoints.last
        verification = Verification(
            chains=chains.chains,
            entries=chains.entries,
            violations=tuple(violations),
            violation_count=count,
            archived=chains.archived,
            checkpoints=checkpoints.count,
            checkpointed_at=last.at if last else None,
            key=checkpoints.key.hex() if checkpoints.key else None,
            copies_compared=len(copies),
            events=chains.events,
        )
        return replace(verification, recorded=await self._record(verification, by))

    async def _record(self, verification: Verification, by: Actor) -> bool:
        """Record the verification itself, if configured; return False if the database refused it."""
        if self.record is None:
            return True
        details = {
            "result": "empty" if verification.empty else "broken" if verification.violations else "intact",
            "entries": verification.entries,
            "checkpoints": verification.checkpoints,
            "violations": verification.violation_count,
        }
        try:
            await self.record(EventKind.TRAIL_VERIFIED, by=by, details=details)
        except EventRefused:
            return False
        return True

    async def _violations(
        self, chains: ChainVerifier, checkpoints: CheckpointVerifier, copies: CheckpointCopyVerifier
    ) -> AsyncIterator[IntegrityViolation]:
        """Checkpoints are read first: the entries that they cover are then already on the trail."""
        expectations, versions = CheckpointExpectations(), VersionVerifier()
        async for violation in self._of_checkpoints(checkpoints, copies, expectations):
            yield violation
        async for violation in self._of_entries(chains, expectations, versions):
            yield violation
        async for decision_id in self.trail.decisions_without_entry():
            yield IntegrityViolation(None, None, decision_id, _NO_ENTRY)
        async for event_id in self.trail.events_without_entry():
            yield IntegrityViolation(None, None, event_id, _NO_ENTRY, of_event=True)
        async for violation in self._of_versions(versions):
            yield violation

    async def _of_checkpoints(
        self, checkpoints: CheckpointVerifier, copies: CheckpointCopyVerifier, expectations: CheckpointExpectations
    ) -> AsyncIterator[IntegrityViolation]:
        async for signed in self.checkpoints.all():
            if violation := checkpoints.check(signed):
                yield violation
            else:
                expectations.add(signed.checkpoint)
            for violation in copies.check(signed):
                yield violation
        for violation in copies.missing(checkpoints.last):
            yield violation

    async def _of_entries(
        self, chains: ChainVerifier, expectations: CheckpointExpectations, versions: VersionVerifier
    ) -> AsyncIterator[IntegrityViolation]:
        async for entry, document in self.trail.entries():
            if self.versions and document is not None and entry.action == DECISION_RECORDED:
                versions.note(entry.subject, self.versions.named_in(document))
            for violation in (expectations.check(entry), chains.check(entry, document)):
                if violation:
                    yield violation
        for violation in expectations.missing():
            yield violation

    async def _of_versions(self, versions: VersionVerifier) -> AsyncIterator[IntegrityViolation]:
        if self.versions:
            async for stored, difference in self.versions.all():
                if violation := versions.check(stored, difference):
                    yield violation
            for violation in versions.missing():
                yield violation
