"""The store of notices to applicants, of the actions on them, and of their letters."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from application.ports.decisions.idempotency import Claim
from domain.notices.cancelling import Standing
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeState


class NoticeNotFound(Exception):
    """There is no notice with this identifier."""


class NoticeUnreadable(Exception):
    """An action on the notice is recorded, but its document cannot be read."""


class NoticeConflict(Exception):
    """The notice was changed at the same time. Nothing was recorded."""


class NoticeAlreadyClaimed(Exception):
    """An action was recorded under the same idempotency key at the same time. Nothing was recorded."""


class LetterFormat(Enum):
    """The formats of a letter, which state the same."""

    HTML = "html"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """Criteria for notices; None means any. Times are in UTC.

    `overdue_at` finds notices that were not sent by their due time as of then. `requested_by` owns the
    application. `due_before` is exclusive.
    """

    states: frozenset[NoticeState] = frozenset(NoticeState)
    kind: NoticeKind | None = None
    overdue_at: datetime | None = None
    application_id: UUID | None = None
    decision_id: UUID | None = None
    requested_by: str | None = None
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A page of notices by their due time, the earliest first; `next_cursor` is None on the last page.

    `total` is the number of matches on all pages; the MAX_COUNTED of decisions means that many or more.
    """

    notices: tuple[Notice, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class NoticeChange:
    """An action with the notice after it, the caller's claim of an idempotency key, and its letter's bytes."""

    notice: Notice
    action: NoticeAction
    claim: Claim | None = None
    letters: tuple[tuple[LetterFormat, bytes], ...] = ()


class Notices(Protocol):
    """Stores notices; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def page(self, wanted: NoticeFilter, *, limit: int, cursor: str | None = None) -> NoticePage:
        """At most `limit` notices from the cursor; raises InvalidCursor."""

    @abstractmethod
    async def find(self, notice_id: UUID) -> Notice | None:
        """The notice with this identifier, if there is one."""

    @abstractmethod
    async def actions(self, notice_id: UUID) -> Sequence[NoticeAction]:
        """The actions on a notice, in their order; raises NoticeUnreadable."""

    @abstractmethod
    async def standing(self, notice: Notice) -> Standing:
        """What holds about the application of a notice now."""

    @abstractmethod
    async def notice_under(self, claim: Claim) -> UUID | None:
        """The notice of the action that was recorded under the claim, if there is one; raises KeyReused.

        Raises OriginalResponseUnavailable if the key belongs to something other than a notice.
        """

    @abstractmethod
    async def append(self, change: NoticeChange) -> None:
        """Record an action with its audit entry, its letter and the notice after it; durable when this returns.

        Raises NoticeConflict unless the stored notice is the one before the action, NoticeAlreadyClaimed, and for
        an issued letter NoticeNotOwed if the notice is not owed any more.
        """

    @abstractmethod
    async def letter(self, notice_id: UUID, form: LetterFormat) -> bytes | None:
        """The stored bytes of an issued letter; None if there are none."""
