"""What an applicant asks for after a decision: a correction of data, or a review by a person, and the answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from domain.applications.application_state import ApplicationState
from domain.applications.money import Money


class ReconsiderationKind(StrEnum):
    """What the applicant asks for."""

    CORRECTION = "correction"
    """Data in the application is wrong; the applicant states what is right."""
    HUMAN_REVIEW = "human_review"
    """A person is to review the decision."""


class ReconsiderationState(StrEnum):
    """Where a request is: open, answered by one of two words, or closed without an answer."""

    OPEN = "open"
    UPHELD = "upheld"
    """The decision stays as it was."""
    OVERTURNED = "overturned"
    """The decision is more favorable than before."""
    CLOSED = "closed"
    """The application was withdrawn, so that there is nothing to answer."""


class AnswerReason(StrEnum):
    """Why a request was answered as it was."""

    CORRECTION_ACCEPTED = "correction_accepted"
    """The application was decided again with the corrected data."""
    REVIEWED = "reviewed"
    """A person reviewed the application with what the applicant wrote."""
    DECIDED_AGAIN = "decided_again"
    """The application was decided again for another reason, such as new data of the credit bureau."""
    NO_INFORMATION = "no_information"
    """The applicant did not send the information that was needed in time."""
    WITHDRAWN = "withdrawn"
    """The application was withdrawn."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an application has come to: its state, and the amount of the loan that is offered, if there is one."""

    state: ApplicationState
    offered: Money | None = None

    def better_than(self, other: Self) -> bool:
        """Whether this is more favorable to the applicant. A case that waits for a person is like a decline."""
        mine, others = _FAVOR.get(self.state, 0), _FAVOR.get(other.state, 0)
        if mine != others or self.offered is None or other.offered is None:
            return mine > others
        return self.offered > other.offered


_FAVOR = {ApplicationState.ACCEPTED: 2, ApplicationState.APPROVED: 2, ApplicationState.COUNTER_OFFER: 1}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request, with its reason. `decision_id` is the decision that is valid then."""

    state: ReconsiderationState
    reason: AnswerReason
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class Reconsideration:
    """A request of an applicant in its present state.

    `fields` are the names of the inputs that a correction states. `before` is what the application had come to.
    The case in which people work on it is `case_id`. What the applicant wrote is stored apart (`RequestContent`),
    and `content_digest` is its SHA-256, in hexadecimal.
    """

    reconsideration_id: UUID
    application_id: UUID
    decision_id: UUID
    case_id: UUID
    kind: ReconsiderationKind
    fields: tuple[str, ...]
    before: Standing
    requested_at: datetime
    due_at: datetime
    content_digest: str
    answer: Answer | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None

    @property
    def state(self) -> ReconsiderationState:
        """Whether the request waits for an answer, and otherwise which one it got."""
        return ReconsiderationState.OPEN if self.answer is None else self.answer.state

    @property
    def is_open(self) -> bool:
        """Whether the request waits for an answer."""
        return self.answer is None

    def overdue_at(self, at: datetime) -> bool:
        """Whether the answer is late."""
        return self.is_open and self.due_at <= at

    def answered(self, answer: Answer, *, by: str, at: datetime) -> Self:
        """The request with its answer."""
        return replace(self, answer=answer, answered_by=by, answered_at=at)

    def answer_for(self, after: Standing, decision_id: UUID, reason: AnswerReason) -> Answer:
        """The answer that what the application came to gives."""
        if reason is AnswerReason.WITHDRAWN:
            return Answer(ReconsiderationState.CLOSED, reason, decision_id)
        better = after.better_than(self.before)
        state = ReconsiderationState.OVERTURNED if better else ReconsiderationState.UPHELD
        return Answer(state, reason, decision_id)
