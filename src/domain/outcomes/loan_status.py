"""What a loan can have become."""

from enum import StrEnum

DEFAULT_DAYS_PAST_DUE = 120
"""From so many days past due on, a loan is in default.

It is where US supervisors require closed-end retail loans to be charged off (Uniform Retail Credit Classification
and Account Management Policy, 65 FR 36903, 2000), and where LendingClub's status "Default" begins.
"""


class LoanStatus(StrEnum):
    """The status of an accepted loan. The texts are those of the API and of stored documents."""

    BOOKED = "booked"
    """Paid out; nothing is known about payments yet."""
    PERFORMING = "performing"
    LATE = "late"
    """A payment is past due; the outcome says by how many days."""
    DEFAULTED = "defaulted"
    """In default and not charged off."""
    CHARGED_OFF = "charged_off"
    PAID = "paid"
    """Repaid in full as agreed."""
    PREPAID = "prepaid"
    """Repaid in full before the end of its term."""

    @property
    def closed(self) -> bool:
        """Whether the loan has ended, so that its status cannot change any more."""
        return self in _CLOSED

    @property
    def repaid(self) -> bool:
        """Whether nothing is owed any more because it was repaid."""
        return self in _REPAID

    def in_default(self, days_past_due: int | None) -> bool:
        """Whether a loan with this status, and so many days past due, is in default."""
        return self in _IN_DEFAULT or (self is LoanStatus.LATE and (days_past_due or 0) >= DEFAULT_DAYS_PAST_DUE)


_REPAID = frozenset({LoanStatus.PAID, LoanStatus.PREPAID})
_CLOSED = _REPAID | {LoanStatus.CHARGED_OFF}
_IN_DEFAULT = frozenset({LoanStatus.DEFAULTED, LoanStatus.CHARGED_OFF})
