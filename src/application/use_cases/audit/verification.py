"""The verifications that are recorded on the trail."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from application.ports.audit.audit_events import EventRefused
from application.ports.audit.event_history import EventFilter, EventHistory, EventInHistory
from application.ports.audit.signatures import Signatures, Signer
from application.ports.audit.verification_reports import VerificationReports
from application.ports.operations.clock import Clock
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.verification_report import report_of
from application.use_cases.audit.verification_result import Verification
from domain.access.user import Actor
from domain.audit.checkpoint import Checkpoint
from domain.audit.event import EventKind
from domain.audit.verified_position import SignedVerification, VerifiedPosition

_READ_BACK = 500
"""Events that are searched for signed verifications; others may have been inserted by someone else."""


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
    reports: VerificationReports
    new_event: EventFactory
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
        """Record a verification that reached a checkpoint with these heads, with its report.

        Without a checkpoint nothing is based on it. Returns False if the database refused it.
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
        report = report_of(found, last, began=began, ended=self.clock.now(), by=by)
        details = {
            **signed.details(),
            "report_sha256": sha256(report).hexdigest(),
            "result": found.result,
            "entries": found.entries,
            "checkpoints": found.checkpoints,
            "archived": found.archived,
            "archived_months": ", ".join(map(str, found.archived_months)),
            "since_checkpoint": found.since.checkpoint if found.since else None,
        }
        try:
            await self.reports.add(self.new_event(EventKind.TRAIL_VERIFIED, by.name, details), report)
        except EventRefused:
            return False
        return True
