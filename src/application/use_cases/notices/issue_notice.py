"""Preview and issue the letter of a notice."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.notices.letters import Letter, Letters
from application.ports.notices.notices import LetterFormat
from application.use_cases.notices.change_notice import NoticeChanges, NoticeResult
from application.use_cases.notices.make_notice_content import MakeNoticeContent
from application.use_cases.notices.notice_basis import FindNoticeBasis
from domain.access.user import Actor, Permission
from domain.notices.cancelling import require_owed
from domain.notices.content import Addressee, NoticeContent
from domain.notices.deadlines import NoticeClock
from domain.notices.issuing import NoticeIssued
from domain.notices.notice import Notice
from domain.notices.notice_state import NoticeState


@dataclass(frozen=True, slots=True)
class Draft:
    """What a letter states, and the letter."""

    notice: Notice
    content: NoticeContent
    letter: Letter
    final_decision_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DraftLetter:
    """Makes the letter of a notice that is due, as of today."""

    changes: NoticeChanges
    find_basis: FindNoticeBasis
    make_content: MakeNoticeContent
    letters: Letters
    notice_clock: NoticeClock

    async def __call__(self, notice: Notice, *, by: Actor, addressee: Addressee | None) -> Draft:
        """The letter; raises NoticeStateForbids, NoticeNotOwed, NoticeIncomplete and OwnViewRequired."""
        notice.require_state(NoticeState.DUE, to="be issued")
        require_owed(notice, await self.changes.notices.standing(notice))
        await self.find_basis.require_shown(notice, by=by)
        basis = await self.find_basis(notice)
        today = self.notice_clock.day(self.changes.clock.now())
        content = await self.make_content(basis, dated=today, addressee=addressee)
        letter = await self.letters.render(content)
        final_decision_id = basis.final.final_decision_id if basis.final else None
        return Draft(notice, content, letter, final_decision_id)


@dataclass(frozen=True, slots=True)
class PreviewNotice:
    """Shows the letter of a notice that is due, and records nothing."""

    draft: DraftLetter

    async def __call__(self, notice_id: UUID, *, by: Actor, addressee: Addressee | None = None) -> Draft:
        """The letter as it would be issued now.

        Raises NoticeNotFound, NoticeStateForbids, NoticeNotOwed, NoticeIncomplete, OwnViewRequired, LetterFailed
        and VersionNotArchived.
        """
        by.require(Permission.ISSUE_NOTICES)
        notice = await self.draft.changes.find(notice_id, by=by)
        return await self.draft(notice, by=by, addressee=addressee)


@dataclass(frozen=True, slots=True)
class IssueNotice:
    """Makes the letter of a notice, and keeps its exact bytes."""

    draft: DraftLetter

    async def __call__(
        self,
        notice_id: UUID,
        *,
        by: Actor,
        seen: int,
        addressee: Addressee | None = None,
        key: IdempotencyKey | None = None,
    ) -> NoticeResult:
        """The issued notice; raises what PreviewNotice raises, NoticeChanged and KeyReused."""
        by.require(Permission.ISSUE_NOTICES)
        request = {"notice": str(notice_id), "addressee": addressee}
        claim = None if key is None else Claim.of(key, by=by, operation="issue a notice", request=request)
        changes = self.draft.changes

        async def issue() -> Notice:
            draft = await self.draft(await changes.seen(notice_id, seen, by=by), by=by, addressee=addressee)
            letter = draft.letter
            letters = ((LetterFormat.HTML, letter.html), (LetterFormat.PDF, letter.pdf))
            return await changes.append(draft.notice, _issued(draft), by=by, claim=claim, letters=letters)

        return await changes.once(claim, by, issue)


def _issued(draft: Draft) -> NoticeIssued:
    notice = draft.notice
    return NoticeIssued(
        notice_kind=notice.kind,
        decision_id=notice.decision_id,
        final_decision_id=draft.final_decision_id,
        received_at=notice.received_at,
        due_at=notice.due_at,
        reasons=tuple([reason.code for reason in draft.content.reasons]),
        html_sha256=sha256(draft.letter.html).hexdigest(),
        pdf_sha256=sha256(draft.letter.pdf).hexdigest(),
    )
