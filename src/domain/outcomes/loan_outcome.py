"""One outcome of a loan: what became of it by a certain day, as somebody stated it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

from domain.access.user import Actor
from domain.applications.money import ZERO, Money
from domain.outcomes.loan_status import LoanStatus
from domain.printable import is_visible

LONGEST_REASON = 1000
REASON_ALLOWED = f"1 to {LONGEST_REASON} printable characters, without spaces around them"
EARLIEST = date(1970, 1, 1)
MOST_DAYS_PAST_DUE = 10_000
DAYS_OF_PERFORMING = 30
"""A loan that is fewer days past due can be reported as performing, as Metro 2 does (account status 11)."""
_MAY_BE_PAST_DUE = frozenset({LoanStatus.PERFORMING, LoanStatus.LATE, LoanStatus.DEFAULTED})
MOST_TIMES_THE_LOAN = 5
"""An amount above so many times the loan is taken for an error, such as cents instead of dollars."""


class LoanOutcomeKind(StrEnum):
    """The kinds of outcomes. The text is the action of the audit entry, so it must never change."""

    RECORDED = "loan outcome recorded"
    CORRECTED = "loan outcome corrected"


@dataclass(frozen=True, slots=True)
class OutcomeFault:
    """What is wrong with one field of an outcome, and what is allowed."""

    field: str
    problem: str
    allowed: str = ""

    @property
    def text(self) -> str:
        """Problem and what is allowed, without the field."""
        return f"{self.problem}; allowed is {self.allowed}" if self.allowed else self.problem


class InvalidLoanOutcome(ValueError):
    """The outcome cannot be true; `faults` lists everything that is wrong."""

    def __init__(self, faults: Sequence[OutcomeFault]) -> None:
        super().__init__("; ".join(f"{fault.field} {fault.text}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class LoanAmounts:
    """Amounts as of the outcome's day; None is not stated.

    `outstanding` is the principal owed, `paid` everything received so far, `charged_off` what was written off, and
    `recovered` what was received after that.
    """

    outstanding: Money | None = None
    paid: Money | None = None
    charged_off: Money | None = None
    recovered: Money | None = None

    def stated(self) -> Iterator[tuple[str, Money]]:
        """The amounts that are stated, by name."""
        for field in fields(self):
            amount = getattr(self, field.name)
            if amount is not None:
                yield field.name, amount


NO_AMOUNTS = LoanAmounts()


@dataclass(frozen=True, slots=True)
class StatedOutcome:
    """What a caller states: the loan had this status at the end of the day `as_of`.

    `booked_on` is the day on which the loan was paid out; None is the day that is known already, or `as_of` of a
    loan that was just booked. `days_past_due` belongs to loans that are not closed.
    """

    status: LoanStatus
    as_of: date
    booked_on: date | None = None
    days_past_due: int | None = None
    amounts: LoanAmounts = NO_AMOUNTS

    def faults(self, *, latest: date, amount: Money) -> Iterator[OutcomeFault]:
        """What is wrong with the statement alone: `latest` is the last possible day, `amount` that of the loan."""
        for name, day in (("as_of", self.as_of), ("booked_on", self.booked_on)):
            if day is not None and not EARLIEST <= day <= latest:
                yield OutcomeFault(name, f"is {day}", f"a day from {EARLIEST} to {latest}")
        if self.booked_on is not None and self.booked_on > self.as_of:
            yield OutcomeFault("as_of", f"is {self.as_of}", f"the day of booking, {self.booked_on}, or later")
        yield from self._day_faults()
        yield from self._amount_faults(amount)

    def _day_faults(self) -> Iterator[OutcomeFault]:
        days, allowed = self.days_past_due, f"1 to {MOST_DAYS_PAST_DUE:,}"
        if days is None:
            if self.status is LoanStatus.LATE:
                yield OutcomeFault("days_past_due", f"is missing for the status {self.status.value}", allowed)
        elif self.status is LoanStatus.PERFORMING and days >= DAYS_OF_PERFORMING:
            yield OutcomeFault(
                "days_past_due",
                f"is {days:,} for the status performing",
                f"less than {DAYS_OF_PERFORMING}, or late",
            )
        elif self.status not in _MAY_BE_PAST_DUE:
            yield OutcomeFault(
                "days_past_due",
                f"is stated for the status {self.status.value}",
                "nothing, unless performing, late or defaulted",
            )
        elif not 1 <= days <= MOST_DAYS_PAST_DUE:
            yield OutcomeFault("days_past_due", f"is {days:,}", allowed)

    def _amount_faults(self, loan: Money) -> Iterator[OutcomeFault]:
        largest = Money(loan.cents * MOST_TIMES_THE_LOAN)
        for name, amount in self.amounts.stated():
            if amount > largest:
                yield OutcomeFault(
                    name,
                    f"is {amount}",
                    f"at most {MOST_TIMES_THE_LOAN} times the loan of {loan}; are these cents?",
                )
        if self.status.repaid and (self.amounts.outstanding or ZERO) > ZERO:
            yield OutcomeFault(
                "outstanding", f"is {self.amounts.outstanding} for the status {self.status.value}", "nothing or 0"
            )
        if self.status is not LoanStatus.CHARGED_OFF and (self.amounts.charged_off or ZERO) > ZERO:
            yield OutcomeFault(
                "charged_off", f"is {self.amounts.charged_off} for the status {self.status.value}", "nothing or 0"
            )
        if not self.status.in_default(self.days_past_due) and (self.amounts.recovered or ZERO) > ZERO:
            yield OutcomeFault(
                "recovered", f"is {self.amounts.recovered} for the status {self.status.value}", "nothing or 0"
            )


@dataclass(frozen=True, slots=True)
class LoanOutcome:
    """One recorded outcome, which never changes; `number` counts from 1 within the loan.

    `stated` has its day of booking. A correction names the outcome that it replaces and its reason.
    """

    outcome_id: UUID
    application_id: UUID
    number: int
    at: datetime
    actor: Actor
    stated: StatedOutcome
    corrects: UUID | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.stated.booked_on is None:
            raise ValueError("a recorded outcome has a day of booking")
        if self.corrects is not None and not is_reason(self.reason):
            raise InvalidLoanOutcome([OutcomeFault("reason", "is not a reason for a correction", REASON_ALLOWED)])
        if self.corrects is None and self.reason:
            raise InvalidLoanOutcome([OutcomeFault("reason", "is stated without a corrected outcome", "nothing")])

    @property
    def kind(self) -> LoanOutcomeKind:
        """What was done."""
        return LoanOutcomeKind.RECORDED if self.corrects is None else LoanOutcomeKind.CORRECTED

    @property
    def booked_on(self) -> date:
        """The day on which the loan was paid out, as known with this outcome."""
        assert self.stated.booked_on is not None  # noqa: S101 - checked above
        return self.stated.booked_on


def last_possible_day(now: datetime) -> date:
    """The latest day that an outcome can state: the one that has begun where days begin first, in UTC+14."""
    return now.astimezone(timezone(timedelta(hours=14))).date()


def is_reason(text: str) -> bool:
    """Whether a text can be the reason of a correction."""
    return 0 < len(text) <= LONGEST_REASON and text == text.strip() and is_visible(text)
