"""The story of a loan: booked, repaid in instalments or earlier, or late and charged off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from domain.outcomes.loan_outcome import NO_AMOUNTS, LoanAmounts, StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from entrypoints.demonstration.lender import Lender
from entrypoints.demonstration.people import RISK_MANAGER
from entrypoints.demonstration.timeline import Story

_MONTH = timedelta(days=30.44)
_PREPAID = 0.3
"""The share of loans that do not default and are repaid early."""
_LATE_DAYS, _CHARGED_OFF_DAYS = 35, 125
_REPORT = timedelta(days=1.5)
"""How long before the end the last report on all running loans is made."""


@dataclass(frozen=True, slots=True)
class AcceptedLoan:
    """A loan that an applicant accepted, on a decision."""

    record: DecisionRecord
    amount: Money
    term: int


async def loan_story(lender: Lender, loan: AcceptedLoan, ends: datetime, random: Random) -> Story:
    """What becomes of a loan: it defaults as often as its probability of default says."""
    yield lender.now + timedelta(days=random.uniform(1.0, 4.0))
    await _state(lender, loan, LoanStatus.BOOKED, outstanding=loan.amount)
    booked = lender.now
    defaults = random.random() < loan.record.prediction.pd.value
    if defaults:
        missed = booked + _MONTH * (2.0 + random.betavariate(1.4, 3.0) * (loan.term - 2.0))
        closed, status = missed + timedelta(days=_CHARGED_OFF_DAYS), LoanStatus.CHARGED_OFF
    elif random.random() < _PREPAID:
        missed, closed = ends, booked + _MONTH * random.uniform(3.0, loan.term - 1.0)
        status = LoanStatus.PREPAID
    else:
        missed, closed, status = ends, booked + _MONTH * loan.term, LoanStatus.PAID
    reported = ends - _REPORT
    if missed + timedelta(days=_LATE_DAYS) < min(closed, reported):
        yield missed + timedelta(days=_LATE_DAYS)
        await _state(lender, loan, LoanStatus.LATE, outstanding=_owed(loan, booked, missed), late=_LATE_DAYS)
    if closed < reported:
        yield closed
        owed = _owed(loan, booked, missed)
        charged_off = owed if status is LoanStatus.CHARGED_OFF else None
        outstanding = None if status is LoanStatus.CHARGED_OFF else Money(0)
        await _state(lender, loan, status, outstanding=outstanding, charged_off=charged_off)
        return
    if booked >= reported:
        return
    yield reported
    days = (reported - missed).days
    late = days if days > 0 else None
    status = LoanStatus.PERFORMING if late is None else LoanStatus.LATE
    await _state(lender, loan, status, outstanding=_owed(loan, booked, min(missed, reported)), late=late)


def _owed(loan: AcceptedLoan, booked: datetime, until: datetime) -> Money:
    """What is still owed of the principal, which falls evenly here."""
    months = min(loan.term, max(0, int((until - booked) / _MONTH)))
    return Money(loan.amount.cents * (loan.term - months) // loan.term)


async def _state(
    lender: Lender,
    loan: AcceptedLoan,
    status: LoanStatus,
    *,
    outstanding: Money | None = None,
    charged_off: Money | None = None,
    late: int | None = None,
) -> None:
    known = outstanding is not None or charged_off is not None
    amounts = LoanAmounts(outstanding=outstanding, charged_off=charged_off) if known else NO_AMOUNTS
    stated = StatedOutcome(status, lender.now.date(), days_past_due=late, amounts=amounts)
    decision_id: UUID = loan.record.decision_id
    await lender.use_cases.outcomes.record(decision_id, stated, by=RISK_MANAGER)
