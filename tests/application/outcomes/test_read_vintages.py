"""Who reads the figures of loans, of which months, and which loans are never counted together."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from application.ports.outcomes.loan_outcomes import StoredLoan
from application.ports.outcomes.vintages import VintageFilter
from application.use_cases.outcomes.read_vintages import InvalidMonths, ReadVintages
from domain.access.user import Actor, Permission, PermissionDenied, Role
from domain.applications.money import Money
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from support.builders import A_MOMENT
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.vintages import MemoryVintages

RITA = Actor("rita", Role.RISK_MANAGER)
NOW = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)


def a_loan(number: int, booked_on: date, source: str | None = None) -> StoredLoan:
    loan, stated = Loan(UUID(int=number), Money(500_000)), StatedOutcome(LoanStatus.BOOKED, booked_on)
    outcome = loan.record(stated, outcome_id=UUID(int=number), by=RITA, at=A_MOMENT, latest=NOW.date())
    return StoredLoan(loan.after(outcome), UUID(int=number), 0.1, "personal_loan", "B", "los", source)


def over(*loans: StoredLoan) -> ReadVintages:
    decisions = MemoryDecisions()
    decisions.loans = {each.loan.application_id: each for each in loans}
    return ReadVintages(MemoryVintages(decisions), FixedClock(NOW))


@pytest.mark.parametrize("role", list(Role))
async def test_those_who_watch_performance_read_it(role: Role) -> None:
    read, by = over(), Actor("anna", role)
    if Permission.READ_PERFORMANCE in role.permissions:
        assert (await read(by=by)).figures.vintages == ()
    else:
        with pytest.raises(PermissionDenied):
            await read(by=by)


async def test_the_months_end_with_this_one() -> None:
    read = over(a_loan(1, date(2025, 3, 31)), a_loan(2, date(2025, 4, 1)), a_loan(3, date(2026, 3, 31)))
    months = [str(each.month) for each in (await read(by=RITA, months=12)).figures.vintages]
    assert months == ["2025-04", "2026-03"]
    assert len((await read(by=RITA, months=13)).figures.vintages) == 3
    for wrong in (0, 121):
        with pytest.raises(InvalidMonths, match="must be from 1 to 120"):
            await read(by=RITA, months=wrong)


async def test_a_month_is_complete_when_its_last_loan_can_be_twelve_months_on_book() -> None:
    read = over(a_loan(1, date(2025, 3, 1)), a_loan(2, date(2025, 2, 1)))
    february, march = (await read(by=RITA)).figures.vintages
    assert (february.complete, march.complete) == (True, False)
    april = replace(read, clock=FixedClock(datetime(2026, 4, 1, tzinfo=UTC)))
    assert all(each.complete for each in (await april(by=RITA)).figures.vintages)


async def test_synthetic_loans_are_never_counted_with_others() -> None:
    day = date(2026, 1, 5)
    made_up = [a_loan(number, day, SYNTHETIC_SOURCE) for number in range(5)]
    report = await over(*made_up)(by=RITA)
    assert (report.synthetic, [each.loans for each in report.figures.vintages]) == (True, [5])
    read = over(*made_up, a_loan(7, day, "broker"), a_loan(8, day))
    report = await read(by=RITA)
    assert (report.synthetic, [each.loans for each in report.figures.vintages]) == (False, [2])
    report = await read(VintageFilter(source=SYNTHETIC_SOURCE), by=RITA)
    assert (report.synthetic, [each.loans for each in report.figures.vintages]) == (True, [5])
    report = await read(VintageFilter(source="no such source"), by=RITA)
    assert (report.synthetic, report.figures.vintages) == (False, ())
    assert report.names.sources == ("broker", SYNTHETIC_SOURCE)
