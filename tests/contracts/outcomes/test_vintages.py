"""The contract of every store that sums loans by the month of booking."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import database_engine, transaction
from adapters.persistence.outcomes.loan_rows import loan_row, upsert
from adapters.persistence.outcomes.vintages import PostgresVintages
from application.ports.outcomes.loan_outcomes import StoredLoan
from application.ports.outcomes.vintages import ANY_LOAN, VintageFilter, Vintages
from domain.access.user import Actor, Role
from domain.applications.money import Money
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.month import Month
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from support.builders import A_MOMENT
from support.memory.decisions import MemoryDecisions
from support.memory.vintages import MemoryVintages

RITA = Actor("rita", Role.RISK_MANAGER)
FIRST = Month(2023, 1)
S = LoanStatus


def a_loan(
    number: int,
    *stated: StatedOutcome,
    pd: float = 0.1,
    product: str = "personal_loan",
    grade: str = "B",
    source: str | None = None,
) -> StoredLoan:
    """A loan with outcomes."""
    loan = Loan(UUID(int=number), Money(800_000))
    for each in stated:
        latest = date(2026, 12, 31)
        loan = loan.after(loan.record(each, outcome_id=UUID(int=number), by=RITA, at=A_MOMENT, latest=latest))
    return StoredLoan(loan, loan.application_id, pd, product, grade, "los", source)


def booked(on: date) -> StatedOutcome:
    return StatedOutcome(S.BOOKED, on)


@dataclass
class Book:
    """Vintages over loans that were recorded."""

    vintages: Vintages
    decisions: MemoryDecisions
    engine: AsyncEngine | None = None

    async def add(self, *loans: StoredLoan) -> None:
        self.decisions.loans |= {each.loan.application_id: each for each in loans}
        if self.engine is not None:
            async with transaction(self.engine) as connection:
                for each in loans:
                    await connection.execute(upsert(loan_row(each)))

    async def sums(self, wanted: VintageFilter = ANY_LOAN, **criteria: object) -> list[tuple[object, ...]]:
        found = await self.vintages.sums(wanted, **{"since": FIRST, "synthetic": False, **criteria})
        return [
            (str(each.month), each.loans, each.mature, each.defaults, round(each.pd, 9), round(each.mature_pd, 9))
            for each in found
        ]


@pytest.fixture
async def book_in_postgres(migrated_url: str) -> AsyncIterator[Book]:
    engine = database_engine(migrated_url)
    yield Book(PostgresVintages(engine), MemoryDecisions(), engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def book(request: pytest.FixtureRequest) -> Book:
    if request.param == "postgres":
        found: Book = request.getfixturevalue("book_in_postgres")
        return found
    decisions = MemoryDecisions()
    return Book(MemoryVintages(decisions), decisions)


async def test_without_loans_there_is_nothing(book: Book) -> None:
    assert await book.sums() == []
    names = await book.vintages.names(since=FIRST)
    assert (names.sources, names.products, names.grades) == ((), (), ())


async def test_loans_are_summed_by_the_month_of_booking(book: Book) -> None:
    jan, feb = date(2025, 1, 31), date(2025, 2, 1)
    await book.add(
        a_loan(1, booked(jan), pd=0.1),
        a_loan(2, booked(jan), StatedOutcome(S.PREPAID, date(2025, 6, 1)), pd=0.2),
        a_loan(3, booked(jan), StatedOutcome(S.CHARGED_OFF, date(2025, 7, 1)), pd=0.3),
        a_loan(4, booked(feb), StatedOutcome(S.PERFORMING, date(2026, 1, 31)), pd=0.4),
        a_loan(5, booked(feb), StatedOutcome(S.PERFORMING, date(2026, 2, 1)), pd=0.5),
    )
    assert await book.sums() == [("2025-01", 3, 2, 1, 0.6, 0.5), ("2025-02", 2, 1, 0, 0.9, 0.5)]
    assert await book.sums(since=Month(2025, 2)) == [("2025-02", 2, 1, 0, 0.9, 0.5)]


async def test_a_default_counts_after_it_was_cured_and_a_short_delay_does_not(book: Book) -> None:
    day = date(2025, 3, 1)
    await book.add(
        a_loan(
            1,
            booked(day),
            StatedOutcome(S.LATE, date(2025, 8, 1), days_past_due=120),
            StatedOutcome(S.PERFORMING, date(2025, 9, 1)),
        ),
        a_loan(2, booked(day), StatedOutcome(S.LATE, date(2025, 8, 1), days_past_due=119)),
    )
    assert await book.sums() == [("2025-03", 2, 1, 1, 0.2, 0.1)]


async def test_the_last_day_of_february_matures_on_the_last_day(book: Book) -> None:
    leap = date(2024, 2, 29)
    await book.add(
        a_loan(1, booked(leap), StatedOutcome(S.PERFORMING, date(2025, 2, 27))),
        a_loan(2, booked(leap), StatedOutcome(S.PERFORMING, date(2025, 2, 28))),
    )
    assert await book.sums() == [("2024-02", 2, 1, 0, 0.2, 0.1)]


async def test_loans_are_filtered_and_synthetic_ones_kept_apart(book: Book) -> None:
    day = date(2025, 1, 1)
    await book.add(
        a_loan(1, booked(day), source="broker", grade="A"),
        a_loan(2, booked(day), source="broker", grade="B", product="auto_loan"),
        a_loan(3, booked(day), grade="A"),
        a_loan(4, booked(day), source=SYNTHETIC_SOURCE, grade="A"),
    )

    async def count(wanted: VintageFilter = ANY_LOAN, *, synthetic: bool = False) -> int:
        found = await book.vintages.sums(wanted, since=FIRST, synthetic=synthetic)
        return sum(each.loans for each in found)

    assert await count() == 3
    assert await count(synthetic=True) == 1
    assert await count(VintageFilter(source="broker")) == 2
    assert await count(VintageFilter(grade="A")) == 2
    assert await count(VintageFilter(product="auto_loan")) == 1
    assert await count(VintageFilter("broker", "auto_loan", "A")) == 0
    assert await count(VintageFilter(source="x\x00y")) == 0
    names = await book.vintages.names(since=FIRST)
    assert names.sources == ("broker", SYNTHETIC_SOURCE)
    assert (names.products, names.grades) == (("auto_loan", "personal_loan"), ("A", "B"))
    assert (await book.vintages.names(since=Month(2025, 2))).sources == ()


async def test_both_stores_agree_on_random_loans(book_in_postgres: Book) -> None:
    random = Random(20)  # noqa: S311 - no secrets
    loans = [a_loan(number, *_history(random), pd=random.random()) for number in range(1, 200)]
    await book_in_postgres.add(*loans)
    expected = Book(MemoryVintages(book_in_postgres.decisions), book_in_postgres.decisions)
    assert await book_in_postgres.sums() == await expected.sums()


def _history(random: Random) -> Sequence[StatedOutcome]:
    """A loan that was booked on any day, and reported some days later, or ended."""
    day = date(2023, 1, 1) + timedelta(days=random.randrange(900))
    stated = [booked(day)]
    for status in random.choices((S.PERFORMING, S.LATE, S.DEFAULTED), k=random.randrange(3)):
        day += timedelta(days=random.randrange(1, 300))
        late = random.randrange(1, 200) if status is S.LATE else None
        stated.append(StatedOutcome(status, day, days_past_due=late))
    if random.random() < 0.4:
        day += timedelta(days=random.randrange(1, 100))
        stated.append(StatedOutcome(random.choice((S.PAID, S.PREPAID, S.CHARGED_OFF)), day))
    return stated
