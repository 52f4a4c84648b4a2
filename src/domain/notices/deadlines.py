"""By when a notice must reach the applicant (12 CFR 1002.9(a)(1) and (c)).

Days are calendar days of the lender's time zone. A notice is due at the end of its last day, so `due_at` is the
instant at which the next day begins there.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from domain.notices.notice_kind import NoticeKind

_MOST_DAYS = 365


class InvalidNoticeTerms(ValueError):
    """A term is no number of days from 1 to 365."""


@dataclass(frozen=True, slots=True)
class NoticeTerms:
    """Within how many days each kind of notice is due. Raises InvalidNoticeTerms.

    The days count from the receipt of the complete application, for one closed as incomplete from its closing. A
    combined counter-offer states the adverse action too, so it has the same time.
    """

    adverse_action_days: int = 30
    counter_offer_days: int = 30
    incomplete_days: int = 30

    def __post_init__(self) -> None:
        for kind in NoticeKind:
            if not 1 <= self.days(kind) <= _MOST_DAYS:
                raise InvalidNoticeTerms(f"a notice ({kind.value}) must be due within 1 to {_MOST_DAYS} days")

    def days(self, kind: NoticeKind) -> int:
        """The number of days for a kind."""
        return {
            NoticeKind.ADVERSE_ACTION: self.adverse_action_days,
            NoticeKind.COUNTER_OFFER: self.counter_offer_days,
            NoticeKind.INCOMPLETE: self.incomplete_days,
        }[kind]


@dataclass(frozen=True, slots=True)
class NoticeClock:
    """The terms with the lender's time zone."""

    terms: NoticeTerms
    zone: tzinfo

    def day(self, at: datetime) -> date:
        """The lender's calendar day at an instant."""
        return at.astimezone(self.zone).date()

    def last_day(self, kind: NoticeKind, received_at: datetime) -> date:
        """The last day on which a notice is in time."""
        return self.day(received_at) + timedelta(days=self.terms.days(kind))

    def due_at(self, kind: NoticeKind, received_at: datetime, *, answer_by: datetime | None = None) -> datetime:
        """When a notice is due, in UTC.

        A notice that asks for something by a time is due before that time: later it would ask for nothing.
        """
        due = self.end_of(self.last_day(kind, received_at))
        return due if answer_by is None else min(due, answer_by.astimezone(UTC))

    def end_of(self, day: date) -> datetime:
        """The instant at which a day ends, in UTC."""
        return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)
