"""Record how an issued letter was delivered or returned, and read it again."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.notices.notices import LetterFormat
from application.use_cases.notices.change_notice import NoticeChanges, NoticeResult
from application.use_cases.notices.notice_basis import FindNoticeBasis
from domain.access.user import Actor, Permission
from domain.notices.deadlines import NoticeClock
from domain.notices.issuing import DeliveryMethod, NoticeDelivered, NoticeIssued, NoticeReturned, check_day
from domain.notices.notice import Notice
from domain.notices.notice_errors import NoticeStateForbids
from domain.notices.notice_state import NoticeState


class LetterAltered(Exception):
    """The stored bytes of an issued letter are missing, or are not those that were recorded as issued."""


@dataclass(frozen=True, slots=True)
class RecordDelivery:
    """Records that a letter was sent or handed over, or that it came back."""

    changes: NoticeChanges
    notice_clock: NoticeClock

    async def __call__(
        self,
        notice_id: UUID,
        method: DeliveryMethod,
        on: date,
        *,
        by: Actor,
        seen: int,
        returned: bool = False,
        text: str = "",
        key: IdempotencyKey | None = None,
    ) -> NoticeResult:
        """The notice; `on` is a day in the lender's time zone, from the day of issue until today.

        Raises NoticeNotFound, NoticeChanged, NoticeStateForbids, InvalidDelivery and KeyReused.
        """
        by.require(Permission.ISSUE_NOTICES)
        details = (NoticeReturned if returned else NoticeDelivered)(method, on, text)
        request = {"notice": str(notice_id), "kind": details.kind.value, "details": details}
        claim = None if key is None else Claim.of(key, by=by, operation="record a delivery", request=request)

        async def record() -> Notice:
            notice = await self.changes.seen(notice_id, seen, by=by)
            if notice.issued_at is not None:
                day = self.notice_clock.day
                check_day(on, issued=day(notice.issued_at), today=day(self.changes.clock.now()))
            return await self.changes.append(notice, details, by=by, claim=claim)

        return await self.changes.once(claim, by, record)


@dataclass(frozen=True, slots=True)
class ReadLetter:
    """Reads the letter that was issued: always the same bytes."""

    changes: NoticeChanges
    find_basis: FindNoticeBasis

    async def __call__(self, notice_id: UUID, form: LetterFormat, *, by: Actor) -> bytes:
        """The bytes; raises NoticeNotFound, NoticeStateForbids before it is issued, and LetterAltered."""
        notice = await self.changes.find(notice_id, by=by)
        if notice.state in {NoticeState.DUE, NoticeState.CANCELLED}:
            raise NoticeStateForbids(f"this notice is {notice.state.value}: it has no letter")
        await self.find_basis.require_shown(notice, by=by)
        content = await self.changes.notices.letter(notice_id, form)
        issued = [each.details for each in await self.changes.notices.actions(notice_id)]
        stated = next((each for each in issued if isinstance(each, NoticeIssued)), None)
        if content is None or stated is None:
            raise LetterAltered(f"the {form.value} letter of notice {notice_id} is missing: {_TO_DO}")
        expected = stated.pdf_sha256 if form is LetterFormat.PDF else stated.html_sha256
        if sha256(content).hexdigest() != expected:
            raise LetterAltered(f"the {form.value} letter of notice {notice_id} was altered: {_TO_DO}")
        return content


_TO_DO = "restore it from a backup, and verify the audit trail"
