"""The use cases for notices."""

from dataclasses import dataclass
from typing import Self

from application.ports.notices.letters import Letters
from application.ports.notices.notices import Notices
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.notices.change_notice import NoticeChanges
from application.use_cases.notices.deliver_notice import ReadLetter, RecordDelivery
from application.use_cases.notices.issue_notice import DraftLetter, IssueNotice, PreviewNotice
from application.use_cases.notices.letter_links import LetterLinks
from application.use_cases.notices.make_notice_content import MakeNoticeContent
from application.use_cases.notices.notice_basis import FindNoticeBasis
from application.use_cases.notices.read_notices import FindNotice, ListNotices, ReadNotice
from application.use_cases.reconsiderations.applicant_links import MakeApplicantLink
from domain.notices.deadlines import NoticeClock


@dataclass(frozen=True, slots=True)
class NoticeUseCases:
    """The part of `UseCases` for notices."""

    list_notices: ListNotices
    read_notice: ReadNotice
    preview: PreviewNotice
    issue: IssueNotice
    record_delivery: RecordDelivery
    read_letter: ReadLetter

    @classmethod
    def over(
        cls,
        *,
        notices: Notices,
        find_basis: FindNoticeBasis,
        make_content: MakeNoticeContent,
        letters: Letters,
        make_link: MakeApplicantLink,
        notice_clock: NoticeClock,
        clock: Clock,
        identifiers: Identifiers,
    ) -> Self:
        """All use cases over one store."""
        find = FindNotice(notices)
        changes = NoticeChanges(find, clock, identifiers)
        draft = DraftLetter(changes, find_basis, make_content, letters, notice_clock)
        links = LetterLinks(make_link, notice_clock)
        return cls(
            list_notices=ListNotices(notices),
            read_notice=ReadNotice(find, find_basis),
            preview=PreviewNotice(draft, links),
            issue=IssueNotice(draft, links),
            record_delivery=RecordDelivery(changes, notice_clock),
            read_letter=ReadLetter(changes, find_basis),
        )
