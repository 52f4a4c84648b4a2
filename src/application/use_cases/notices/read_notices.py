"""Read notices: a page of them, or one with what was done."""

from dataclasses import dataclass, replace
from uuid import UUID

from application.ports.notices.notices import NoticeFilter, NoticeNotFound, NoticePage, Notices
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE, PageTooLarge
from application.use_cases.notices.notice_basis import FindNoticeBasis
from domain.access.user import Actor, Permission
from domain.cases.resolution_errors import OwnViewRequired
from domain.notices.cancelling import CancellationReason, cancellation_reason
from domain.notices.issuing import NoticeIssued
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from domain.notices.notice_state import NoticeState


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice with its actions, and why it is not owed any more if it will be cancelled within seconds.

    If `withheld`, the reasons of its letter are left out: the reader is to form an own view of the case first.
    """

    notice: Notice
    actions: tuple[NoticeAction, ...]
    ending: CancellationReason | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class ListNotices:
    """Lists notices by page, the earliest due time first."""

    notices: Notices

    async def __call__(
        self, wanted: NoticeFilter, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> NoticePage:
        """The page at the cursor, of the decisions that the actor may read; raises InvalidCursor, PageTooLarge."""
        by.require(Permission.READ_DECISIONS)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page must have 1 to {MAX_PAGE_SIZE} notices, not {limit}")
        owner = by.visible_owner
        if owner is not None:
            if wanted.requested_by not in {None, owner}:
                return NoticePage((), None, 0)
            wanted = replace(wanted, requested_by=owner)
        return await self.notices.page(wanted, limit=limit, cursor=cursor)


@dataclass(frozen=True, slots=True)
class FindNotice:
    """Finds a notice on a decision that the actor may read."""

    notices: Notices

    async def __call__(self, notice_id: UUID, *, by: Actor) -> Notice:
        """The notice with this identifier; raises NoticeNotFound."""
        by.require(Permission.READ_DECISIONS)
        notice = await self.notices.find(notice_id)
        if notice is None or not by.may_see(notice.requested_by):
            raise NoticeNotFound(f"there is no notice {notice_id}")
        return notice


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """Reads one notice."""

    find: FindNotice
    find_basis: FindNoticeBasis

    async def __call__(self, notice_id: UUID, *, by: Actor) -> NoticeView:
        """The notice with its actions; raises NoticeNotFound and NoticeUnreadable."""
        notice = await self.find(notice_id, by=by)
        notices = self.find.notices
        ending = None
        if notice.state is NoticeState.DUE:
            ending = cancellation_reason(notice, await notices.standing(notice))
        view = NoticeView(notice, tuple(await notices.actions(notice_id)), ending)
        try:
            await self.find_basis.require_shown(notice, by=by)
        except OwnViewRequired:
            return replace(view, actions=tuple(map(_without_reasons, view.actions)), withheld=True)
        return view


def _without_reasons(action: NoticeAction) -> NoticeAction:
    details = action.details
    if not isinstance(details, NoticeIssued):
        return action
    return replace(action, details=replace(details, reasons=()))
