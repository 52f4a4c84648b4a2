"""Preview and issue the letter of a notice."""

from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.notices.letters import Letter, Letters
from application.ports.notices.notices import LetterFormat
from application.use_cases.notices.change_notice import NoticeChanges, NoticeResult
from application.use_cases.notices.letter_links import LetterLinks
from application.use_cases.notices.make_notice_content import MakeNoticeContent
from application.use_cases.notices.notice_basis import FindNoticeBasis
from domain.access.user import Actor, Permission
from domain.notices.cancelling import require_owed
from domain.notices.content import Addressee, ApplicantPage, NoticeContent
from domain.notices.deadlines import NoticeClock
from domain.notices.drafting import NoticeBasis
from domain.notices.issuing import NoticeIssued
from domain.notices.notice import Notice
from domain.notices.notice_state import NoticeState


@dataclass(frozen=True, slots=True)
class Draft:
    """What a letter states, and the letter."""

    notice: Notice
    content: NoticeContent
    letter: Letter


@dataclass(frozen=True, slots=True)
class DraftLetter:
    """Makes the letter of a notice that is due, as of today."""

    changes: NoticeChanges
    find_basis: FindNoticeBasis
    make_content: MakeNoticeContent
    letters: Letters
    notice_clock: NoticeClock

    async def basis(self, notice: Notice, *, by: Actor) -> NoticeBasis:
        """What the letter is about; raises NoticeStateForbids, NoticeNotOwed and OwnViewRequired."""
        notice.require_state(NoticeState.DUE, to="be issued")
        require_owed(notice, await self.changes.notices.standing(notice))
        await self.find_basis.require_shown(notice, by=by)
        return await self.find_basis(notice)

    async def content(
        self, basis: NoticeBasis, addressee: Addressee | None, page: ApplicantPage | None
    ) -> NoticeContent:
        """What the letter states; raises NoticeIncomplete and VersionNotArchived."""
        today = self.notice_clock.day(self.changes.clock.now())
        return await self.make_content(basis, dated=today, addressee=addressee, applicant_page=page)


@dataclass(frozen=True, slots=True)
class PreviewNotice:
    """Shows the letter of a notice that is due, and records nothing."""

    draft: DraftLetter
    links: LetterLinks

    async def __call__(self, notice_id: UUID, *, by: Actor, addressee: Addressee | None = None) -> Draft:
        """The letter as it would be issued now, with an example of a link; in print it is marked as a preview.

        Raises NoticeNotFound, NoticeStateForbids, NoticeNotOwed, NoticeIncomplete, OwnViewRequired, LetterFailed
        and VersionNotArchived.
        """
        by.require(Permission.ISSUE_NOTICES)
        notice = await self.draft.changes.find(notice_id, by=by)
        basis = await self.draft.basis(notice, by=by)
        content = replace(await self.draft.content(basis, addressee, self.links.example()), preview=True)
        return Draft(notice, content, await self.draft.letters.render(content))


@dataclass(frozen=True, slots=True)
class IssueNotice:
    """Makes the letter of a notice, and keeps its exact bytes."""

    draft: DraftLetter
    links: LetterLinks

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
        to = None if addressee is None else [addressee.name, *addressee.address]
        request = {"notice": str(notice_id), "addressee": to}
        claim = None if key is None else Claim.of(key, by=by, operation="issue a notice", request=request)
        changes = self.draft.changes

        async def issue() -> Notice:
            notice = await changes.seen(notice_id, seen, by=by)
            basis = await self.draft.basis(notice, by=by)
            await self.draft.content(basis, addressee, None)  # so that no link is made for an incomplete letter
            page = await self.links.made(notice, by=by)
            content = await self.draft.content(basis, addressee, page)
            letter = await self.draft.letters.render(content)
            details = _issued(notice, basis, content, letter)
            letters = ((LetterFormat.HTML, letter.html), (LetterFormat.PDF, letter.pdf))
            return await changes.append(notice, details, by=by, claim=claim, letters=letters)

        return await changes.once(claim, by, issue)


def _issued(notice: Notice, basis: NoticeBasis, content: NoticeContent, letter: Letter) -> NoticeIssued:
    return NoticeIssued(
        notice_kind=notice.kind,
        decision_id=notice.decision_id,
        final_decision_id=basis.final.final_decision_id if basis.final else None,
        received_at=notice.received_at,
        due_at=notice.due_at,
        reasons=tuple([reason.code for reason in content.reasons]),
        html_sha256=sha256(letter.html).hexdigest(),
        pdf_sha256=sha256(letter.pdf).hexdigest(),
    )
