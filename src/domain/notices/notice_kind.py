"""The kinds of notices."""

from enum import Enum


class NoticeKind(Enum):
    """What a notice informs the applicant about."""

    ADVERSE_ACTION = "adverse_action"
    """The application is declined, or closed because the applicant did not answer."""
    COUNTER_OFFER = "counter_offer"
    """Another loan is offered; the same letter gives the reasons against the loan that was requested."""
    INCOMPLETE = "incomplete"
    """Information is missing, and the applicant has until a date to send it."""
