"""How a notice reaches the applicant: its letter is issued, and delivered or returned."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from re import fullmatch
from typing import ClassVar
from uuid import UUID

from domain.access.user import Actor
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeActionKind, NoticeDetails
from domain.notices.notice_errors import InvalidDelivery
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeState

LONGEST_TEXT = 1000
"""The largest number of characters of a remark on a delivery."""


class DeliveryMethod(Enum):
    """How a letter reached the applicant, or was to reach the applicant."""

    MAIL = "mail"
    EMAIL = "email"
    ONLINE = "online"
    """In the applicant's account at the lender."""
    IN_PERSON = "in_person"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class NoticeIssued(NoticeDetails):
    """The letter was made. The digests are the SHA-256 of its exact bytes, in lower-case hexadecimal.

    What the letter is about is repeated, without personal data: `reasons` are the codes of the stated reasons,
    `final_decision_id` is the decision of a person that the letter states, if there is one.
    """

    notice_kind: NoticeKind
    decision_id: UUID
    final_decision_id: UUID | None
    received_at: datetime
    due_at: datetime
    reasons: tuple[str, ...]
    html_sha256: str
    pdf_sha256: str
    kind: ClassVar[NoticeActionKind] = NoticeActionKind.ISSUED

    def __post_init__(self) -> None:
        if not all(fullmatch("[0-9a-f]{64}", each) for each in (self.html_sha256, self.pdf_sha256)):
            raise ValueError("a digest must be 64 hexadecimal digits in lower case")

    def check(self, notice: Notice, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        notice.require_state(NoticeState.DUE, to="be issued")

    def applied(self, notice: Notice, by: Actor, at: datetime) -> Notice:  # noqa: ARG002 - the interface
        return replace(notice, state=NoticeState.ISSUED, issued_at=at)


@dataclass(frozen=True, slots=True)
class NoticeDelivered(NoticeDetails):
    """The letter was sent or handed over on a day of the lender's time zone."""

    method: DeliveryMethod
    on: date
    text: str = ""
    kind: ClassVar[NoticeActionKind] = NoticeActionKind.DELIVERED

    def __post_init__(self) -> None:
        _check_text(self.text)

    def check(self, notice: Notice, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        notice.require_state(NoticeState.ISSUED, to="be delivered")

    def applied(self, notice: Notice, by: Actor, at: datetime) -> Notice:  # noqa: ARG002 - the interface
        return replace(notice, state=NoticeState.DELIVERED, delivered_on=self.on)


@dataclass(frozen=True, slots=True)
class NoticeReturned(NoticeDetails):
    """The letter did not reach the applicant. It can be delivered again, another way."""

    method: DeliveryMethod
    on: date
    text: str = ""
    kind: ClassVar[NoticeActionKind] = NoticeActionKind.RETURNED

    def __post_init__(self) -> None:
        _check_text(self.text)

    def check(self, notice: Notice, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        notice.require_state(NoticeState.ISSUED, NoticeState.DELIVERED, to="be returned")

    def applied(self, notice: Notice, by: Actor, at: datetime) -> Notice:  # noqa: ARG002 - the interface
        return replace(notice, state=NoticeState.ISSUED, returned_on=self.on)


def check_day(on: date, *, issued: date, today: date) -> None:
    """Raise InvalidDelivery unless a letter issued on a day can have been delivered or returned on another."""
    if not issued <= on <= today:
        raise InvalidDelivery(
            f"{on} is not possible: the letter was issued on {issued}, and today is {today}", "on"
        )


def _check_text(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise InvalidDelivery(
            f"the remark has {len(text):,} characters; at most {LONGEST_TEXT:,} are allowed", "text"
        )
    if not all(character.isprintable() or character in "\n\r\t" for character in text):
        raise InvalidDelivery("the remark has characters that cannot be shown, such as control characters", "text")
