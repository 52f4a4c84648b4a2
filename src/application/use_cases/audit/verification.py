"""The result of a verification, and the verifications that are recorded on the trail."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.audit.audit_events import EventRefused
from application.ports.audit.event_history import EventFilter, EventHistory, EventInHistory
from application.ports.audit.signatures import Signatures, Signer
from application.ports.operations.clock import Clock
from application.use_cases.audit.record_event import RecordEvent
from domain.access.user import Actor
from domain.audit.checkpoint import Checkpoint
from domain.audit.entry import IntegrityViolation
from domain.audit.event import EventKind
from domain.audit.verified_position import Scope, SignedVerification, VerifiedPosition
from domain.month import Month

_READ_BACK = 500
"""Events that are searched for signed verifications; others may have been inserted by someone else."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and the first thousand integrity violations; none means a valid trail.

    `violation_count` counts all violations, `archived` the entries whose records are archived (in one of the
    `archived_months`), `copies_compared`
    the checkpoint copies that were compared, and `events` the entries for anything but decisions. `recorded` is
    False if the verification should have been recorded on the trail but the database refused it. `key`
    (hexadecimal) signed the last checkpoint, created at `checkpointed_at`.

    An incremental verification covers what was added after the position `since`; an earlier one covered the rest.
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
    since: VerifiedPosition | None = None
    archived_months: tuple[Month, ...] = ()

    @property
    def scope(self) -> Scope:
        """Whether everything was verified."""
        return Scope.INCREMENTAL if self.since else Scope.WHOLE

    @property
    def empty(self) -> bool:
        """Whether there was no decision to verify, which is not the same as a valid trail."""
        return self.since is None and self.entries == self.events and not self.violations

    @property
    def result(self) -> str:
        """The result in one word."""
        return "empty" if self.empty else "broken" if self.violations else "intact"


@dataclass(frozen=True, slots=True)
class RecordedVerification:
    """A verification on the trail whose signature is valid: the event, and what was signed."""

    event: EventInHistory
    signed: SignedVerification


@dataclass(frozen=True, slots=True)
class RecordedVerifications:
    """The verifications on the trail. Only those signed with a `trusted` key count.

    Without a `signer` verifications are recorded, but nothing is based on them.
    """

    history: EventHistory
    record_event: RecordEvent
    signatures: Signatures
    clock: Clock
    trusted: Collection[bytes] = ()
    signer: Signer | None = None

    async def recent(self) -> Sequence[RecordedVerification]:
        """The last verifications, newest first by the signed time: a copy of an old event is not the newest."""
        page = await self.history.page(EventFilter(kinds=[EventKind.TRAIL_VERIFIED]), limit=_READ_BACK)
        found = [(event, SignedVerification.read(event.details)) for event in page.events]
        valid = [
            RecordedVerification(event, signed)
            for event, signed in found
            if signed is not None and signed.is_signed_by(self.trusted, self.signatures.verify)
        ]
        return sorted(valid, key=lambda each: each.signed.at, reverse=True)

    async def position(self) -> VerifiedPosition | None:
        """The position of the last verification; None if that was not intact, so that everything is verified.

        A record found altered therefore stays reported until a verification of everything finds no more errors.
        """
        recent = await self.recent()
        if not recent:
            return None
        last = recent[0].signed
        in_past = last.position is not None and last.position.whole_at <= self.clock.now()
        return last.position if in_past and not last.violations else None

    async def record(
        self, found: Verification, last: Checkpoint | None, heads: bytes, *, began: datetime, by: Actor
    ) -> bool:
        """Record a verification that reached a checkpoint with these heads; without one, nothing is based on it.

        Returns False if the database refused it.
        """
        position = None
        if last is not None and not found.violations and not found.empty:
            whole_at = found.since.whole_at if found.since else began
            position = VerifiedPosition(last.number, last.digest(), heads, began, whole_at)
        signed = SignedVerification(began, found.scope, found.violation_count, position)
        if self.signer:
            signed = replace(
                signed, public_key=self.signer.public_key, signature=self.signer.sign(signed.statement())
            )
        details = {
            **signed.details(),
            "result": found.result,
            "entries": found.entries,
            "checkpoints": found.checkpoints,
            "archived": found.archived,
            "archived_months": ", ".join(map(str, found.archived_months)),
            "since_checkpoint": found.since.checkpoint if found.since else None,
        }
        try:
            await self.record_event(EventKind.TRAIL_VERIFIED, by=by, details=details)
        except EventRefused:
            return False
        return True
