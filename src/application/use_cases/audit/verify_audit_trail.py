"""Verify the audit trail: recompute every link, every record it vouches for, and every checkpoint."""

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

_UNVOUCHED = "no entry vouches for it: it was slipped in, or its entry was removed"
MOST_BREAKS = 1000
"""How many breaks are told of; they are counted on."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what was found; `breaks` is empty when the trail is whole, else has the first of them.

    `broken` counts them all, `elsewhere` the entries whose records are archived, `kept` the copies of checkpoints
    that were compared, `events` the entries that are not of decisions. `recorded` says whether the verification
    itself is on the trail now, where it was to be. `key` (hexadecimal) signed the last checkpoint, made at
    `checkpointed_at`.
    """

    chains: int
    entries: int
    breaks: tuple[IntegrityViolation, ...]
    broken: int = 0
    elsewhere: int = 0
    checkpoints: int = 0
    checkpointed_at: datetime | None = None
    key: str | None = None
    kept: int = 0
    events: int = 0
    recorded: bool = True

    @property
    def empty(self) -> bool:
        """Whether no decision was there to verify: that is not the same as a trail without violations."""
        return self.entries == self.events and not self.breaks


@dataclass(frozen=True, slots=True)
class VerifyAuditTrail:
    """Checks that nothing on record was changed or removed, and that every decision has its entry.

    Checkpoints count only when signed with a key in `trusted`; where none is given, with one key throughout.
    Where `versions` are given, each policy and model bundle that decided must be stored, and be genuine. Where
    `record` is given, who verified and what came of it is recorded on the trail, unless the database refuses.
    """

    trail: AuditTrail
    checkpoints: Checkpoints
    signatures: Signatures
    trusted: Collection[bytes] = ()
    versions: StoredVersions | None = None
    record: RecordEvent | None = None

    async def __call__(
        self, *, by: Actor, archived: Collection[Month] = (), kept: Collection[CheckpointCopy] = ()
    ) -> Verification:
        """Check every entry of every chain, every decision, and every checkpoint.

        Of decisions of `archived` months the records may be elsewhere. The checkpoints `kept` outside the database
        must all be there still, just as they were.
        """
        by.must(Permission.VERIFY_AUDIT_TRAIL)
        chains, stated = ChainVerifier(archived), CheckpointVerifier(self.signatures.genuine, self.trusted)
        copies = CheckpointCopyVerifier(kept, self.trusted)
        breaks: list[IntegrityViolation] = []
        broken = 0
        async for one in self._breaks(chains, stated, copies):
            broken += 1
            if broken <= MOST_BREAKS:
                breaks.append(one)
        last = stated.last
        found = Verification(
            chains=chains.chains,
            entries=chains.entries,
            breaks=tuple(breaks),
            broken=broken,
            elsewhere=chains.elsewhere,
            checkpoints=stated.count,
            checkpointed_at=last.at if last else None,
            key=stated.key.hex() if stated.key else None,
            kept=len(kept),
            events=chains.events,
        )
        return replace(found, recorded=await self._recorded(found, by))

    async def _recorded(self, found: Verification, by: Actor) -> bool:
        """Record the verification itself; whether that was possible, where it is wanted."""
        if self.record is None:
            return True
        details = {
            "result": "empty" if found.empty else "broken" if found.breaks else "intact",
            "entries": found.entries,
            "checkpoints": found.checkpoints,
            "violations": found.broken,
        }
        try:
            await self.record(EventKind.TRAIL_VERIFIED, by=by, details=details)
        except EventRefused:
            return False
        return True

    async def _breaks(
        self, chains: ChainVerifier, stated: CheckpointVerifier, copies: CheckpointCopyVerifier
    ) -> AsyncIterator[IntegrityViolation]:
        """Checkpoints first: what they speak of is on the trail by then."""
        marks, versions = CheckpointExpectations(), VersionVerifier()
        async for fault in self._of_checkpoints(stated, copies, marks):
            yield fault
        async for fault in self._of_entries(chains, marks, versions):
            yield fault
        async for decision_id in self.trail.decisions_without_entry():
            yield IntegrityViolation(None, None, decision_id, _UNVOUCHED)
        async for event_id in self.trail.events_without_entry():
            yield IntegrityViolation(None, None, event_id, _UNVOUCHED, of_event=True)
        async for fault in self._of_versions(versions):
            yield fault

    async def _of_checkpoints(
        self, stated: CheckpointVerifier, copies: CheckpointCopyVerifier, marks: CheckpointExpectations
    ) -> AsyncIterator[IntegrityViolation]:
        async for signed in self.checkpoints.all():
            if fault := stated.check(signed):
                yield fault
            else:
                marks.add(signed.checkpoint)
            for fault in copies.check(signed):
                yield fault
        for fault in copies.missing(stated.last):
            yield fault

    async def _of_entries(
        self, chains: ChainVerifier, marks: CheckpointExpectations, versions: VersionVerifier
    ) -> AsyncIterator[IntegrityViolation]:
        async for entry, document in self.trail.entries():
            if self.versions and document is not None and entry.action == DECISION_RECORDED:
                versions.note(entry.subject, self.versions.named_in(document))
            for fault in (marks.check(entry), chains.check(entry, document)):
                if fault:
                    yield fault
        for fault in marks.missing():
            yield fault

    async def _of_versions(self, versions: VersionVerifier) -> AsyncIterator[IntegrityViolation]:
        if self.versions:
            async for stored, difference in self.versions.all():
                if fault := versions.check(stored, difference):
                    yield fault
            for fault in versions.missing():
                yield fault
