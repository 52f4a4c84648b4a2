"""The causes and the states of notices to applicants."""

from enum import Enum


class NoticeCause(Enum):
    """What made a notice due. The notice has the identifier of the decision, final decision or action."""

    DECISION = "decision"
    """The system declined."""
    FINAL_DECISION = "final_decision"
    """A person declined or made a counter-offer."""
    INFORMATION_REQUESTED = "information_requested"
    """The applicant was asked for something that is missing."""
    CASE_EXPIRED = "case_expired"
    """The applicant did not answer in time."""
    APPLICATION_CLOSED = "application_closed"
    """The application was closed because the applicant did not provide what was requested."""

    @property
    def closes_incomplete(self) -> bool:
        """Whether the application was closed without what was requested of the applicant."""
        return self in {NoticeCause.CASE_EXPIRED, NoticeCause.APPLICATION_CLOSED}


class NoticeState(Enum):
    """Where a notice is on its way to the applicant."""

    DUE = "due"
    """It is owed, and its letter is not made yet."""
    ISSUED = "issued"
    """Its letter is made and cannot change any more. It is not delivered yet, or was returned."""
    DELIVERED = "delivered"
    """It was sent or handed to the applicant."""
    CANCELLED = "cancelled"
    """It was no longer owed before it was issued."""
