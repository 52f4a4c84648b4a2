"""Actions on a notice: what was done, by whom and when. The state of a notice follows from its actions."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from domain.access.user import Actor

if TYPE_CHECKING:
    from domain.notices.notice import Notice


class NoticeActionKind(StrEnum):
    """The kinds of actions. The text is the action of the audit entry, so it must never change."""

    ISSUED = "notice issued"
    DELIVERED = "notice delivered"
    RETURNED = "notice returned"
    CANCELLED = "notice cancelled"


class NoticeDetails(ABC):
    """What is particular to an action of one kind, and the rules for it. Subclasses are frozen dataclasses."""

    __slots__ = ()
    kind: ClassVar[NoticeActionKind]

    @abstractmethod
    def check(self, notice: "Notice", by: Actor, at: datetime) -> None:
        """Raise a NoticeError unless the actor may do this to the notice at this time."""

    @abstractmethod
    def applied(self, notice: "Notice", by: Actor, at: datetime) -> "Notice":
        """The notice after the action, apart from its version and who changed it."""


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """One action; actions on a notice are numbered from 1, and the number of the last is the notice's version."""

    action_id: UUID
    notice_id: UUID
    number: int
    at: datetime
    actor: Actor
    details: NoticeDetails

    @property
    def kind(self) -> NoticeActionKind:
        """The kind of action, which the details determine."""
        return self.details.kind
