"""The contract of every store of outcomes of loans."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.database.connections import database_engine
from adapters.persistence.outcomes.loan_outcomes import PostgresLoanOutcomes
from adapters.persistence.outcomes.outcome_records import PostgresOutcomeRecords
from adapters.system import TimeOrderedIdentifiers
from application.ports.applications.applications import Applications
from application.ports.decisions.idempotency import (
    Claim,
    IdempotencyKey,
    KeyReused,
    OriginalResponseUnavailable,
)
from application.ports.outcomes.loan_outcomes import LoanConflict, LoanKey, LoanOutcomes, StoredLoan
from domain.access.user import Actor, Role
from domain.applications.application_action import Acceptance, ApplicationAction
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import LoanAmounts, LoanOutcome, StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.policies.outcome import Outcome
from support.builders import A_MOMENT, a_decision, a_decision_record, an_identifier
from support.databases import Store, postgres_store_at
from support.engines import execute
from support.memory.applications import MemoryApplications
from support.memory.decisions import MemoryDecisions
from support.memory.outcomes import MemoryLoanOutcomes
from support.states import check_states

PORTAL, BROKER, RITA = (
    Actor("portal", Role.SERVICE),
    Actor("broker", Role.SERVICE),
    Actor("rita", Role.RISK_MANAGER),
)
BOOKED = date(2026, 3, 16)
LATER = A_MOMENT + timedelta(days=200)


@dataclass
class Book:
    """The outcomes, and the stores of what led to the loans."""

    outcomes: LoanOutcomes
    applications: Applications
    store: Store
    engine: AsyncEngine | None = None
    url: str = ""

    async def decide(
        self, reference: str | None = None, *, by: Actor = PORTAL, source: str | None = None, **changed: Any
    ) -> DecisionRecord:
        record = a_decision_record(
            decision_id=an_identifier(A_MOMENT),
            trial=False,
            requested_by=by,
            identity=ApplicationIdentity(application_reference=reference, source=source),
            decision=a_decision(outcome=Outcome.APPROVED),
            **changed,
        )
        await self.store.ledger.record(record)
        return record

    async def accept(self, record: DecisionRecord) -> None:
        seen = await self.applications.find(record.decision_id)
        assert seen is not None
        details = Acceptance(Money(800_000), Money(1_000_000))
        action_id = TimeOrderedIdentifiers().new()
        await self.applications.append(
            ApplicationAction(
                action_id,
                seen.application_id,
                record.decision_id,
                1,
                A_MOMENT + timedelta(hours=1),
                PORTAL,
                details,
            ),
            seen,
        )

    async def loan(self, reference: str | None = None, **changed: Any) -> StoredLoan:
        """An accepted application as a loan without outcomes."""
        record = await self.decide(reference, **changed)
        await self.accept(record)
        return StoredLoan(
            Loan(record.decision_id, Money(800_000)),
            record.decision_id,
            record.prediction.pd.value,
            record.application.product.name,
            record.decision.grade,
            record.requested_by.name,
            record.identity.source,
        )

    async def found(self, key: LoanKey, by: Actor = RITA) -> StoredLoan | str:
        return (await self.outcomes.loans([key], by=by))[key]


@pytest.fixture
async def book_in_postgres(migrated_url: str) -> AsyncIterator[Book]:
    engine = database_engine(migrated_url)
    async with postgres_store_at(migrated_url) as store:
        yield Book(PostgresLoanOutcomes(engine), PostgresApplications(engine), store, engine, migrated_url)
        await check_states(engine)
        assert await store.violations() == []
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def book(request: pytest.FixtureRequest) -> Book:
    if request.param == "postgres":
        found: Book = request.getfixturevalue("book_in_postgres")
        return found
    memory = MemoryDecisions()
    return Book(MemoryLoanOutcomes(memory), MemoryApplications(memory), Store.in_memory(memory))


def stated(status: LoanStatus = LoanStatus.PERFORMING, days: int = 30, **amounts: int) -> StatedOutcome:
    money = LoanAmounts(**{name: Money(cents) for name, cents in amounts.items()})
    return StatedOutcome(status, BOOKED + timedelta(days), BOOKED, None, money)


def outcome_of(stored: StoredLoan, outcome: StatedOutcome, by: Actor = RITA) -> tuple[LoanOutcome, StoredLoan]:
    """A new outcome, and the loan after it."""
    made = stored.loan.record(
        outcome, outcome_id=TimeOrderedIdentifiers().new(), by=by, at=LATER, latest=LATER.date()
    )
    return made, replace(stored, loan=stored.loan.after(made))


def a_claim(text: str = "june", request: str = "") -> Claim:
    return Claim.of(IdempotencyKey(text), by=RITA, operation="record", request=request)


async def test_outcomes_are_read_in_their_order(book: Book) -> None:
    loan = await book.loan()
    first, after_first = outcome_of(loan, stated(paid=120_050))
    second, after_second = outcome_of(after_first, stated(LoanStatus.PAID, 90))
    assert await book.outcomes.append(first, after_first) == first
    assert await book.outcomes.append(second, after_second) == second

    assert list(await book.outcomes.history(loan.loan.application_id)) == [first, second]
    assert list(await book.outcomes.history(uuid4())) == []


async def test_of_two_outcomes_at_the_same_moment_one_is_refused(book: Book) -> None:
    loan = await book.loan()
    made = [outcome_of(loan, stated(days=days)) for days in (30, 60)]
    results = await asyncio.gather(*(book.outcomes.append(*each) for each in made), return_exceptions=True)
    assert sorted(type(each) for each in results if isinstance(each, Exception)) == [LoanConflict]
    assert len(await book.outcomes.history(loan.loan.application_id)) == 1


async def test_a_claim_finds_the_first_outcome(book: Book) -> None:
    loan = await book.loan()
    first, after = outcome_of(loan, stated())
    assert await book.outcomes.under(a_claim()) is None
    await book.outcomes.append(first, after, a_claim())
    other, _ = outcome_of(loan, stated(days=60))

    assert await book.outcomes.under(a_claim()) == first
    assert await book.outcomes.append(other, after, a_claim()) == first
    with pytest.raises(KeyReused):
        await book.outcomes.under(a_claim(request="other"))


async def test_a_key_that_was_used_for_something_else_finds_no_outcome(book: Book) -> None:
    record = a_decision_record(trial=False, decision_id=an_identifier(A_MOMENT))
    (recorded,) = await book.store.ledger.record_each([(record, a_claim())])
    assert recorded == record
    with pytest.raises(OriginalResponseUnavailable):
        await book.outcomes.under(a_claim())


async def test_a_loan_is_found_by_identifier_and_by_reference(book: Book) -> None:
    loan = await book.loan("LN-1")
    made, after = outcome_of(loan, stated())
    await book.outcomes.append(made, after)

    assert await book.found(LoanKey(identifier=loan.decision_id)) == after
    assert await book.found(LoanKey(reference="LN-1")) == after
    assert await book.found(LoanKey(reference="LN-1"), by=PORTAL) == after
    assert await book.found(LoanKey(reference=str(loan.decision_id), identifier=loan.decision_id)) == after
    assert await book.found(LoanKey(reference="ln-1")) == "names no application"


async def test_a_service_finds_its_own_loans_only(book: Book) -> None:
    loan = await book.loan("LN-1")
    for key in (LoanKey(identifier=loan.decision_id), LoanKey(reference="LN-1")):
        assert await book.found(key, by=BROKER) == "names no application"


async def test_a_reference_is_one_of_its_source(book: Book) -> None:
    theirs = await book.loan("LN-1", source="east")
    await book.loan("LN-1", source="west", by=BROKER)

    assert await book.found(LoanKey("LN-1", "east")) == theirs
    assert await book.found(LoanKey("LN-1", "north")) == "names no application of this source"
    assert str(await book.found(LoanKey("LN-1"))).startswith("names several applications")


async def test_only_accepted_applications_have_loans(book: Book) -> None:
    record = await book.decide("LN-1")
    assert str(await book.found(LoanKey("LN-1"))).startswith("names an application that is not accepted")
    assert await book.found(LoanKey("LN-1"), by=BROKER) == "names no application"
    assert await book.found(LoanKey(identifier=uuid4())) == "names no application"
    assert isinstance(await book.found(LoanKey(identifier=record.decision_id)), str)


async def test_all_loans_are_read_with_their_decisions_by_day_of_booking(book_in_postgres: Book) -> None:
    assert book_in_postgres.engine is not None
    records = PostgresOutcomeRecords(book_in_postgres.engine, page_size=2)
    assert [each async for each in records.loans()] == []
    loans = []
    for days in (3, 1, 2, 0, 4):
        loan = await book_in_postgres.loan(f"LN-{days}")
        booked_on = BOOKED + timedelta(days)
        made, after = outcome_of(loan, replace(stated(), as_of=BOOKED + timedelta(60), booked_on=booked_on))
        await book_in_postgres.outcomes.append(made, after)
        loans.append(after)
    found = [each async for each in records.loans()]

    assert [each.loan for each in found] == [loans[number].loan for number in (3, 1, 2, 0, 4)]
    assert all(isinstance(each.decision, DecisionRecord) for each in found)
    alter = "BEGIN; SET LOCAL session_replication_role = replica; {}; COMMIT"
    execute(book_in_postgres.url, alter.format("UPDATE loan_outcomes SET document = replace(document, '{', '[')"))
    broken = [each async for each in records.loans()]
    assert all(each.loan is None and "it is not valid JSON" in each.problem for each in broken)
    execute(book_in_postgres.url, alter.format("UPDATE loan_outcomes SET document = replace(document, '[', '{')"))


async def test_an_altered_state_is_a_violation(book_in_postgres: Book) -> None:
    loan = await book_in_postgres.loan()
    made, after = outcome_of(loan, stated())
    await book_in_postgres.outcomes.append(made, after)
    url, engine = book_in_postgres.url, book_in_postgres.engine
    assert engine is not None

    async def fault() -> str:
        try:
            await check_states(engine)
        except AssertionError as found:
            return str(found)
        return ""

    execute(url, "UPDATE loans SET status = 'paid', closed_on = '2026-05-01'")
    assert "status is paid instead of performing, closed_on is 2026-05-01 instead of None" in await fault()
    execute(url, "UPDATE loans SET status = 'performing', closed_on = NULL")
    execute(url, "CREATE TABLE kept AS TABLE loans")
    altered = {
        "decision_id": f"'{UUID(int=8)}'",
        "pd": "0.5",
        "amount": "1",
        "product": "'boat'",
        "grade": "'Z'",
        "requested_by": "'mallory'",
        "source": "'elsewhere'",
    }
    for name, value in altered.items():
        execute(url, f"UPDATE loans SET {name} = {value}")  # noqa: S608 - our own text
        assert f"{name} is {value.strip(chr(39))}" in await fault()
        execute(url, f"UPDATE loans SET {name} = kept.{name} FROM kept")  # noqa: S608 - as above
    assert await fault() == ""
    execute(url, "DELETE FROM loans")
    assert "its state is missing: it was removed" in await fault()
    execute(url, "INSERT INTO loans SELECT * FROM kept; DROP TABLE kept")
    unknown = UUID(int=7)
    execute(url, f"INSERT INTO loans SELECT '{unknown}', {_OTHERS} FROM loans")  # noqa: S608 - our own names
    assert "a state is stored, but no outcome is recorded" in await fault()
    execute(url, f"DELETE FROM loans WHERE application_id = '{unknown}'")  # noqa: S608 - as above


_OTHERS = (
    "decision_id, status, status_on, booked_on, closed_on, defaulted_on, version, pd, amount, product, grade, "
    "requested_by, source, changed_at"
)


async def test_an_altered_outcome_is_a_violation_and_no_loan_can_be_found(book_in_postgres: Book) -> None:
    loan = await book_in_postgres.loan("LN-1")
    made, after = outcome_of(loan, stated())
    await book_in_postgres.outcomes.append(made, after)
    alter = (
        "BEGIN; SET LOCAL session_replication_role = replica; "
        "UPDATE loan_outcomes SET document = replace(document, '{}', '{}'); COMMIT"
    )
    execute(book_in_postgres.url, alter.format("performing", "prepaid!!!"))
    (violation,) = await book_in_postgres.store.violations()
    assert (violation.subject, violation.why) == (made.outcome_id, "the record was altered")
    assert "cannot be read" in str(await book_in_postgres.found(LoanKey("LN-1")))
    execute(book_in_postgres.url, alter.format("prepaid!!!", "performing"))
