"""Record an action on a notice: the steps that every change of a notice has in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from application.ports.decisions.idempotency import Claim
from application.ports.notices.notices import (
    LetterFormat,
    NoticeAlreadyClaimed,
    NoticeChange,
    NoticeConflict,
    Notices,
)
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.notices.read_notices import FindNotice
from domain.access.user import Actor
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeDetails
from domain.notices.notice_errors import NoticeChanged, NoticeError


@dataclass(frozen=True, slots=True)
class NoticeResult:
    """A notice after an action; `replayed` where an earlier request under the same key did it.

    A replayed result is the notice as it is now.
    """

    notice: Notice
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class NoticeChanges:
    """Applies actions to notices."""

    find: FindNotice
    clock: Clock
    identifiers: Identifiers

    @property
    def notices(self) -> Notices:
        """The store."""
        return self.find.notices

    async def once(self, claim: Claim | None, by: Actor, act: Callable[[], Awaitable[Notice]]) -> NoticeResult:
        """Do this, unless an earlier request under the same key did.

        A request that is refused because the same one was done at the same moment, such as the second of a double
        click, gets the result of that one. Raises KeyReused, and what `act` raises.
        """
        if claim is None:
            return NoticeResult(await act())
        if (first := await self._replayed(claim, by)) is not None:
            return first
        try:
            return NoticeResult(await act())
        except (NoticeError, NoticeChanged, NoticeConflict, NoticeAlreadyClaimed) as refused:
            if (first := await self._replayed(claim, by)) is not None:
                return first
            if isinstance(refused, NoticeAlreadyClaimed):
                raise NoticeConflict(
                    "the action under the same key was not found: repeat the request"
                ) from refused
            raise

    async def append(
        self,
        notice: Notice,
        details: NoticeDetails,
        *,
        by: Actor,
        claim: Claim | None,
        letters: tuple[tuple[LetterFormat, bytes], ...] = (),
    ) -> Notice:
        """Record the action on the notice as it was seen; raises a NoticeError if a rule forbids it.

        Raises NoticeChanged if the notice was changed at the same time, and NoticeAlreadyClaimed.
        """
        action = notice.act(details, by=by, at=self.clock.now(), action_id=self.identifiers.new())
        after = notice.after(action)
        try:
            await self.notices.append(NoticeChange(after, action, claim, letters))
        except NoticeConflict:
            (await self.find(notice.notice_id, by=by)).require_version(notice.version)
            raise
        return after

    async def seen(self, notice_id: UUID, version: int, *, by: Actor) -> Notice:
        """The notice, of which the actor has seen this version; raises NoticeNotFound and NoticeChanged."""
        notice = await self.find(notice_id, by=by)
        notice.require_version(version)
        return notice

    async def _replayed(self, claim: Claim, by: Actor) -> NoticeResult | None:
        notice_id = await self.notices.notice_under(claim)
        return None if notice_id is None else NoticeResult(await self.find(notice_id, by=by), replayed=True)
