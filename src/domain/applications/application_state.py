"""The states of a loan application."""

from enum import StrEnum


class ApplicationState(StrEnum):
    """Where a loan application is in its life.

    The first four are what the lender decided last, or is still to decide: `referred` as long as a person is to
    decide, also when a decision is reviewed. An approval and a counter-offer expire.
    """

    APPROVED = "approved"
    COUNTER_OFFER = "counter_offer"
    REFERRED = "referred"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether the applicant still waits for a decision, or has an offer."""
        return self in _OPEN

    @property
    def can_be_accepted(self) -> bool:
        """Whether the applicant has an offer."""
        return self in _OFFERED


_OFFERED = frozenset({ApplicationState.APPROVED, ApplicationState.COUNTER_OFFER})
_OPEN = _OFFERED | {ApplicationState.REFERRED}
