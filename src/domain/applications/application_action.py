"""What is done to a loan application after the decision: acceptance and withdrawal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.access.user import Actor
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.printable import is_visible

LONGEST_TEXT = 1000
TEXT_ALLOWED = f"at most {LONGEST_TEXT} printable characters, without spaces around them"


class WithdrawalReason(StrEnum):
    """Why an application is withdrawn."""

    NO_LONGER_NEEDED = "no_longer_needed"
    OTHER_LENDER = "other_lender"
    TERMS_NOT_SUITABLE = "terms_not_suitable"
    INFORMATION_NOT_PROVIDED = "information_not_provided"
    DUPLICATE = "duplicate"
    SUBMITTED_IN_ERROR = "submitted_in_error"
    OTHER = "other"


class ApplicationActionKind(StrEnum):
    """The kinds of actions. The text is the action of the audit entry, so it must never change."""

    ACCEPTED = "application accepted"
    WITHDRAWN = "application withdrawn"

    @property
    def state(self) -> ApplicationState:
        """The state of the application after the action."""
        return _STATES[self]


_STATES = {
    ApplicationActionKind.ACCEPTED: ApplicationState.ACCEPTED,
    ApplicationActionKind.WITHDRAWN: ApplicationState.WITHDRAWN,
}


class InvalidWithdrawal(ValueError):
    """The text of a withdrawal is not allowed, or is missing where the reason is `other`."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The applicant takes a loan of `amount`, up to the `offered` one.

    `final_decision_id` is the decision of a person that made the offer; None if the system's decision did.
    """

    amount: Money
    offered: Money
    final_decision_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The application is withdrawn from a state, for a reason and with a text, which may be empty.

    Raises InvalidWithdrawal.
    """

    reason: WithdrawalReason
    text: str
    withdrawn_from: ApplicationState

    def __post_init__(self) -> None:
        if self.text != self.text.strip() or len(self.text) > LONGEST_TEXT or not is_visible(self.text):
            raise InvalidWithdrawal(f"must be {TEXT_ALLOWED}")
        if self.reason is WithdrawalReason.OTHER and not self.text:
            raise InvalidWithdrawal(f"is required where the reason is {self.reason.value}")


Details = Acceptance | Withdrawal
_KINDS: dict[type[Details], ApplicationActionKind] = {
    Acceptance: ApplicationActionKind.ACCEPTED,
    Withdrawal: ApplicationActionKind.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class ApplicationAction:
    """One action on an application, which never changes; `number` counts from 1 within the application.

    `decision_id` is the application's newest decision at that time.
    """

    action_id: UUID
    application_id: UUID
    decision_id: UUID
    number: int
    at: datetime
    actor: Actor
    details: Details

    @property
    def kind(self) -> ApplicationActionKind:
        """What was done."""
        return _KINDS[type(self.details)]
