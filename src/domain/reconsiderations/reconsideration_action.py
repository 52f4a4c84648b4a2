"""What is done about links and requests of an applicant. The present state follows from the actions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.access.user import Actor
from domain.reconsiderations.reconsideration import Answer, ReconsiderationKind, Standing


class ReconsiderationActionKind(StrEnum):
    """The kinds of actions. The text is the action of the audit entry, so it must never change."""

    LINK_MADE = "reconsideration link made"
    LINK_REVOKED = "reconsideration link revoked"
    REQUESTED = "reconsideration requested"
    ANSWERED = "reconsideration answered"


@dataclass(frozen=True, slots=True)
class LinkMade:
    """A link was made that opens the application until `expires_at`. The address is not recorded."""

    link_id: UUID
    decision_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkRevoked:
    """A link opens nothing any more."""

    link_id: UUID


@dataclass(frozen=True, slots=True)
class Requested:
    """The applicant asks for something, by a link. It names inputs, and never what is stated about them."""

    reconsideration_id: UUID
    link_id: UUID
    decision_id: UUID
    case_id: UUID
    kind: ReconsiderationKind
    fields: tuple[str, ...]
    before: Standing
    due_at: datetime
    content_digest: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A request is answered, or closed."""

    reconsideration_id: UUID
    answer: Answer


Details = LinkMade | LinkRevoked | Requested | Answered
DETAILS: dict[ReconsiderationActionKind, type[Details]] = {
    ReconsiderationActionKind.LINK_MADE: LinkMade,
    ReconsiderationActionKind.LINK_REVOKED: LinkRevoked,
    ReconsiderationActionKind.REQUESTED: Requested,
    ReconsiderationActionKind.ANSWERED: Answered,
}
_KINDS = {details: kind for kind, details in DETAILS.items()}


@dataclass(frozen=True, slots=True)
class ReconsiderationAction:
    """One action, which never changes; `number` counts from 1 within the application."""

    action_id: UUID
    application_id: UUID
    number: int
    at: datetime
    actor: Actor
    details: Details

    @property
    def kind(self) -> ReconsiderationActionKind:
        """What was done."""
        return _KINDS[type(self.details)]
