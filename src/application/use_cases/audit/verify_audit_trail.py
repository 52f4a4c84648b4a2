"""Verify the audit trail: recompute the digests of entries and records, and check checkpoints."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from application.ports.audit.audit_trail import AuditTrail
from application.ports.audit.checkpoints import Checkpoints
from application.ports.audit.signatures import Signatures
from application.ports.audit.stored_versions import StoredVersions
from application.use_cases.audit.verification import RecordedVerifications
from application.use_cases.audit.verification_result import Verification
from application.use_cases.audit.verify_activations import VerifyActivations
from application.use_cases.audit.verify_states import VerifyStates
from domain.access.user import Actor, Permission
from domain.audit.archived_versions import VersionVerifier
from domain.audit.checkpoint import CheckpointVerifier
from domain.audit.checkpoint_copy import CheckpointCopy, CheckpointCopyVerifier
from domain.audit.checkpoint_expectations import CheckpointExpectations
from domain.audit.entry import ChainHead, ChainVerifier, IntegrityViolation
from domain.audit.subject import SubjectKind
from domain.audit.verified_position import VerifiedPosition, digest_of_heads
from domain.month import Month

_NO_ENTRY = "it has no audit entry: it was inserted directly, or its entry was removed"
_SEVERAL_ENTRIES = "it has more than one audit entry: the service writes one, and others were inserted directly"
MAX_LISTED_VIOLATIONS = 1000
"""Further violations are counted but not listed."""
_MARGIN = timedelta(days=1)
"""How far before the last verification an incremental one looks for records without exactly one entry: clocks
differ.
"""


@dataclass(frozen=True, slots=True)
class VerifyAuditTrail:
    """Checks that no record was changed or removed, and that every decision and event has one audit entry.

    Only checkpoints signed with a key in `trusted` count; if `trusted` is empty, one key must have signed all of
    them. With `versions`, the policy and model bundle of each decision must be stored and match their
    fingerprints. With `recorded`, the verification and its result are recorded on the trail. Records of decisions
    made in `archived` months may be missing. With `activations`, those of policies must have their events. With
    `states`, those of cases and applications must be the ones that their actions lead to.
    """

    trail: AuditTrail
    checkpoints: Checkpoints
    signatures: Signatures
    trusted: Collection[bytes] = ()
    versions: StoredVersions | None = None
    recorded: RecordedVerifications | None = None
    archived: Collection[Month] = ()
    activations: VerifyActivations | None = None
    states: VerifyStates | None = None

    async def __call__(
        self,
        *,
        by: Actor,
        whole: bool = False,
        archived: Collection[Month] = (),
        copies: Collection[CheckpointCopy] = (),
    ) -> Verification:
        """Check what was added since the position of the last verification; if there is none, or with `whole`,
        check every entry of every chain, every decision and event, and every checkpoint.

        `archived` names further archived months; nothing is based on a result that needed them. Each of the
        `copies`, kept outside the database, must match its checkpoint, for which everything is checked. Raises
        PermissionDenied.
        """
        by.require(Permission.VERIFY_AUDIT_TRAIL)
        began = self.recorded.clock.now() if self.recorded else None
        since = await self.recorded.position() if self.recorded and not (whole or copies) else None
        months = tuple(sorted({*self.archived, *archived}))
        run = _Run(self, since, months, copies)
        violations: list[IntegrityViolation] = []
        count = 0
        async for violation in run.violations():
            count += 1
            if count <= MAX_LISTED_VIOLATIONS:
                violations.append(violation)
        last, key = run.checkpoints.last, run.checkpoints.key
        verification = Verification(
            chains=run.chains.chains,
            entries=run.chains.entries,
            violations=tuple(violations),
            violation_count=count,
            archived=run.chains.archived,
            checkpoints=run.checkpoints.count,
            checkpointed_at=last.at if last else None,
            key=key.hex() if key else None,
            copies_compared=len(copies),
            events=run.chains.events,
            since=since,
            archived_months=months,
        )
        if self.recorded is None or began is None:
            return verification
        heads = digest_of_heads(run.expectations.heads())
        excused = run.chains.archived > 0 and not set(months) <= set(self.archived)
        recorded = await self.recorded.record(verification, None if excused else last, heads, began=began, by=by)
        return replace(verification, recorded=recorded)


class _Run:
    """One verification. Checkpoints are read first: the entries that they cover are then already on the trail."""

    def __init__(
        self,
        ports: VerifyAuditTrail,
        since: VerifiedPosition | None,
        archived: Collection[Month],
        copies: Collection[CheckpointCopy],
    ) -> None:
        self._ports = ports
        self._since = since
        self._archived = archived
        self._copies = CheckpointCopyVerifier(copies, ports.trusted)
        self._versions = VersionVerifier()
        self._verified: Collection[ChainHead] = ()
        self.checkpoints = CheckpointVerifier(ports.signatures.verify, ports.trusted, excerpt=since is not None)
        self.chains = ChainVerifier(archived)
        self.expectations = CheckpointExpectations()

    async def violations(self) -> AsyncIterator[IntegrityViolation]:
        if self._since:
            async for violation in self._of_position(self._since):
                yield violation
        async for violation in self._of_checkpoints():
            yield violation
        async for violation in self._of_entries():
            yield violation
        since = self._since.at - _MARGIN if self._since else None
        async for kind, identifier in self._ports.trail.subjects_without_entry(since=since):
            yield IntegrityViolation(None, None, identifier, _NO_ENTRY, kind=kind)
        async for kind, identifier in self._ports.trail.subjects_with_several_entries(since=since):
            yield IntegrityViolation(None, None, identifier, _SEVERAL_ENTRIES, kind=kind)
        async for violation in self._of_versions():
            yield violation
        if self._ports.activations:
            async for violation in self._ports.activations():
                yield violation
        if self._ports.states:
            async for violation in self._ports.states(since=since, archived=self._archived):
                yield violation

    async def _of_position(self, since: VerifiedPosition) -> AsyncIterator[IntegrityViolation]:
        """Take over the heads that were verified, if the database still states the same ones."""
        self._verified = heads = await self._ports.checkpoints.heads_at(since.checkpoint)
        if digest_of_heads(heads) != since.heads:
            why = f"the chains' ends that it and earlier ones state were changed since {since.at.isoformat()}"
            yield _at_checkpoint(since.checkpoint, why)
        for head in await self._ports.trail.changed_heads(heads):
            why = "the entry, which a verified checkpoint covers, was changed or removed"
            yield IntegrityViolation(head.chain, head.length, None, why)
        self.expectations = CheckpointExpectations(heads)
        self.chains = ChainVerifier(self._archived, verified=heads)

    async def _of_checkpoints(self) -> AsyncIterator[IntegrityViolation]:
        since = self._since
        first = True
        async for signed in self._ports.checkpoints.all(after=since.checkpoint - 1 if since else 0):
            if since and first and signed.checkpoint.digest() != since.digest:
                yield _at_checkpoint(since.checkpoint, f"it was changed or removed since {since.at.isoformat()}")
            if violation := self.checkpoints.check(signed):
                yield violation
            elif not (since and first):
                self.expectations.add(signed.checkpoint)
            for violation in self._copies.check(signed):
                yield violation
            first = False
        if since and first:
            yield _at_checkpoint(since.checkpoint, f"it was removed since {since.at.isoformat()}")
        for violation in self._copies.missing(self.checkpoints.last):
            yield violation

    async def _of_entries(self) -> AsyncIterator[IntegrityViolation]:
        trail, versions = self._ports.trail, self._ports.versions
        entries = trail.entries_after(self._verified) if self._since else trail.entries()
        async for entry, document in entries:
            if versions and document is not None and entry.kind is SubjectKind.DECISION:
                self._versions.note(entry.subject, versions.named_in(document))
            for violation in (self.expectations.check(entry), self.chains.check(entry, document)):
                if violation:
                    yield violation
        for violation in self.expectations.missing():
            yield violation

    async def _of_versions(self) -> AsyncIterator[IntegrityViolation]:
        if self._ports.versions:
            async for stored, difference in self._ports.versions.all():
                if violation := self._versions.check(stored, difference):
                    yield violation
            for violation in self._versions.missing():
                yield violation


def _at_checkpoint(number: int, why: str) -> IntegrityViolation:
    return IntegrityViolation(None, None, None, why, checkpoint=number)
