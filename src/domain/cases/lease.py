"""How long a person holds a referral case."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """How long a case is held after a claim or any activity, and after a reassignment to someone else.

    The person to whom a case was reassigned has not opened it yet, so that lease is longer.
    """

    after_activity: timedelta = timedelta(minutes=15)
    after_reassignment: timedelta = timedelta(hours=8)

    def until(self, at: datetime, *, actor: str, assignee: str | None) -> datetime | None:
        """When a lease ends that begins with an action of the actor; None if the case has no assignee."""
        if assignee is None:
            return None
        return at + (self.after_activity if assignee == actor else self.after_reassignment)


LEASE_TERMS = LeaseTerms()
