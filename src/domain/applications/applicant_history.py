"""What is known of an applicant's other applications for the same kind of loan."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.applications.money import ZERO, Money

MAX_RECENT = 100
"""The largest number of applications in a history: the newest ones."""
MAX_RELATED = 20
"""The largest number of applications that a decision states as related."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Applicant:
    """An applicant by the lender's reference, and the name of the product applied for."""

    reference: str
    product: str


@dataclass(frozen=True, slots=True)
class PastApplication:
    """An earlier application with its newest decision; `declined_at` is when a system or a person declined it."""

    decision_id: UUID
    decided_at: datetime
    declined_at: datetime | None = None
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class ApplicantHistory:
    """An applicant's other applications: `recent` ones, newest first, at most MAX_RECENT.

    `number` is that of the last application that was recorded, 0 without one: the next one has the number after
    it. `accepted` is the sum of the accepted amounts of all products. Superseded decisions are left out.
    """

    number: int = 0
    recent: tuple[PastApplication, ...] = ()
    accepted: Money = ZERO

    def days_since_application(self, at: datetime) -> float | None:
        """The days since the last application; None without one."""
        return min((_days(past.decided_at, at) for past in self.recent), default=None)

    def days_since_decline(self, at: datetime) -> float | None:
        """The days since the last decline; None without one."""
        declines = [past.declined_at for past in self.recent if past.declined_at is not None]
        return min((_days(declined_at, at) for declined_at in declines), default=None)

    def related(self, at: datetime, days: float) -> tuple[UUID, ...]:
        """The decisions of the last `days`, and on accepted loans: newest first, at most MAX_RELATED."""
        related = [past.decision_id for past in self.recent if past.accepted or _days(past.decided_at, at) < days]
        return tuple(related[:MAX_RELATED])


NO_HISTORY = ApplicantHistory()


def _days(earlier: datetime, at: datetime) -> float:
    """The days from one time to another, 0 if the clocks of two processes differ."""
    return max(0.0, (at - earlier) / _DAY)
