"""Read when and with what result the audit trail was verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from application.ports.audit.event_history import EventFilter, EventInHistory
from application.use_cases.audit.verification import RecordedVerification, RecordedVerifications
from application.use_cases.audit.verification_report import read_report
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE, PageTooLarge
from domain.access.user import Actor, Permission
from domain.audit.event import EventKind
from domain.audit.verified_position import Scope, SignedVerification
from domain.stored_document import UnreadableDocument


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


class VerificationNotFound(Exception):
    """There is no verification with this identifier."""


@dataclass(frozen=True, slots=True)
class PastVerification:
    """A verification on the trail. `trusted` says whether a trusted key signed its result."""

    event: EventInHistory
    signed: SignedVerification | None
    trusted: bool

    @property
    def result(self) -> str:
        """The result in one word: "intact", "broken" or "empty"."""
        return str(self.event.details.get("result", "unknown"))

    @property
    def report_sha256(self) -> str:
        """The SHA-256 of its report (hexadecimal); empty for those of releases that kept none."""
        return str(self.event.details.get("report_sha256") or "")


@dataclass(frozen=True, slots=True)
class VerificationPage:
    """Verifications, newest first; `before` is given for the next page, and None if there is none."""

    verifications: tuple[PastVerification, ...]
    before: UUID | None


@dataclass(frozen=True, slots=True)
class ListVerifications:
    """Lists all verifications on the trail."""

    recorded: RecordedVerifications

    async def __call__(self, *, by: Actor, limit: int = 50, before: UUID | None = None) -> VerificationPage:
        """A page of verifications; raises PermissionDenied and PageTooLarge."""
        by.require(Permission.VERIFY_AUDIT_TRAIL)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page must have 1 to {MAX_PAGE_SIZE} verifications, not {limit}")
        page = await self.recorded.history.page(_VERIFICATIONS, limit=limit, before=before)
        return VerificationPage(tuple(_past(self.recorded, event) for event in page.events), page.before)


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """A verification with its report as it is stored; without one, `fault` says why.

    `content` is that of the report, empty if it is not readable.
    """

    verification: PastVerification
    document: bytes | None
    content: Mapping[str, Any]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ReadVerification:
    """Reads the report of a verification, and compares it with what the verification's event states."""

    recorded: RecordedVerifications

    async def __call__(self, event_id: UUID, *, by: Actor) -> VerificationReport:
        """The report; raises PermissionDenied and VerificationNotFound."""
        by.require(Permission.VERIFY_AUDIT_TRAIL)
        after = UUID(int=min(event_id.int + 1, 2**128 - 1))
        page = await self.recorded.history.page(_VERIFICATIONS, limit=1, before=after)
        if not page.events or page.events[0].event_id != event_id:
            raise VerificationNotFound(f"there is no verification {event_id}")
        past = _past(self.recorded, page.events[0])
        document = await self.recorded.reports.find(event_id)
        if document is None:
            gone = "its report was removed" if past.report_sha256 else "its release kept no report"
            return VerificationReport(past, None, {}, gone)
        altered = sha256(document).hexdigest() != past.report_sha256
        fault = "its report was altered: it is not the one that the audit trail states" if altered else ""
        try:
            return VerificationReport(past, document, read_report(document), fault)
        except UnreadableDocument as unreadable:
            return VerificationReport(past, document, {}, fault or str(unreadable))


_VERIFICATIONS = EventFilter(kinds=[EventKind.TRAIL_VERIFIED])


def _past(recorded: RecordedVerifications, event: EventInHistory) -> PastVerification:
    signed = SignedVerification.read(event.details)
    trusted = signed is not None and signed.is_signed_by(recorded.trusted, recorded.signatures.verify)
    return PastVerification(event, signed, trusted)
