"""The contract of the histories of applicants, over every ledger."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.applications.applicant_histories import PostgresApplicantHistories, accept_loan
from adapters.persistence.applications.application_tables import superseded_decisions
from adapters.persistence.cases.case_tables import final_decisions
from adapters.persistence.database.connections import database_engine
from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.decisions.decision_ledger import DecisionLedger, HistoryChanged
from domain.applications.applicant_history import NO_HISTORY, Applicant, ApplicantHistory
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.money import Money
from domain.applications.superseding import SupersedesReason
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import A_MOMENT, a_decision_record
from support.databases import ledger_at
from support.memory.applicant_histories import MemoryApplicantHistories
from support.memory.decisions import MemoryDecisions

ADA = Applicant("ADA-1", PERSONAL_LOAN.name)
BEN = Applicant("BEN-2", PERSONAL_LOAN.name)


class World(ABC):
    """A ledger, the histories over it, and what people do after a decision."""

    ledger: DecisionLedger
    histories: ApplicantHistories

    async def of(self, applicant: Applicant = ADA, *superseded: UUID) -> ApplicantHistory:
        return (await self.histories.find([applicant], superseded=superseded))[applicant]

    @abstractmethod
    async def accept(self, record: DecisionRecord, amount: Money) -> None:
        """An applicant accepts a loan."""

    async def supersede(self, first: DecisionRecord, second: DecisionRecord) -> None:
        """A second decision takes the place of the first."""
        await self.ledger.record(second)

    @abstractmethod
    async def finally_decide(self, record: DecisionRecord, outcome: str, days: int) -> None:
        """A person decides some days after the system."""


class MemoryWorld(World):
    def __init__(self) -> None:
        self.ledger = MemoryDecisions()
        self.histories: MemoryApplicantHistories = MemoryApplicantHistories(self.ledger)

    async def accept(self, record: DecisionRecord, amount: Money) -> None:
        self.histories.accepted[record.decision_id] = amount

    async def finally_decide(self, record: DecisionRecord, outcome: str, days: int) -> None:
        self.histories.decided[record.decision_id] = outcome, record.decided_at + timedelta(days=days)


class PostgresWorld(World):
    def __init__(self, ledger: DecisionLedger, engine: AsyncEngine) -> None:
        self.ledger, self.histories, self._engine = ledger, PostgresApplicantHistories(engine), engine

    async def accept(self, record: DecisionRecord, amount: Money) -> None:
        async with self._engine.begin() as connection:
            await accept_loan(connection, record.decision_id, amount, None)

    async def supersede(self, first: DecisionRecord, second: DecisionRecord) -> None:
        await super().supersede(first, second)
        row = {
            "decision_id": first.decision_id,
            "superseded_by": second.decision_id,
            "application_id": first.decision_id,
            "superseded_at": second.decided_at,
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(superseded_decisions).on_conflict_do_nothing(), row)

    async def finally_decide(self, record: DecisionRecord, outcome: str, days: int) -> None:
        row = {
            "final_decision_id": uuid4(),
            "decision_id": record.decision_id,
            "case_id": uuid4(),
            "number": 1,
            "decided_at": record.decided_at + timedelta(days=days),
            "outcome": outcome,
            "dwell_seconds": 60.0,
        }
        texts = ("override", "system_outcome", "recommended", "reason", "maker", "document")
        async with self._engine.begin() as connection:
            await connection.execute(final_decisions.insert(), row | dict.fromkeys(texts, "of no matter"))


@pytest.fixture
async def postgres_world(migrated_url: str) -> AsyncIterator[World]:
    engine = database_engine(migrated_url)
    async with ledger_at(migrated_url) as ledger:
        yield PostgresWorld(ledger, engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "memory":
        return MemoryWorld()
    found: World = request.getfixturevalue("postgres_world")
    return found


def a_record(number: int | None = None, applicant: str = ADA.reference, **given: object) -> DecisionRecord:
    given = {"trial": False} | given
    outcome = given.pop("outcome", Outcome.APPROVED)
    days = given.pop("days", 0)
    record = a_decision_record(
        identity=ApplicationIdentity(applicant_reference=applicant), applicant_number=number, **given
    )
    assert isinstance(days, int)
    assert isinstance(outcome, Outcome)
    return replace(
        record,
        decided_at=A_MOMENT + timedelta(days=days),
        decision=replace(record.decision, outcome=outcome),
    )


async def test_a_new_applicant_has_no_history(world: World) -> None:
    await world.ledger.record(a_decision_record())
    assert await world.histories.find([ADA, BEN]) == {ADA: NO_HISTORY, BEN: NO_HISTORY}
    assert await world.histories.find([]) == {}


async def test_applications_are_listed_newest_first_for_each_applicant(world: World) -> None:
    first, second = a_record(1), a_record(2, days=3, outcome=Outcome.DECLINED)
    other = a_record(1, BEN.reference, days=1)
    for record in (first, other, second):
        await world.ledger.record(record)
    found = await world.histories.find([ADA, BEN])
    assert [past.decision_id for past in found[ADA].recent] == [second.decision_id, first.decision_id]
    assert [past.declined_at for past in found[ADA].recent] == [second.decided_at, None]
    assert [past.decided_at for past in found[ADA].recent] == [second.decided_at, first.decided_at]
    assert found[ADA].number == 2
    assert [past.decision_id for past in found[BEN].recent] == [other.decision_id]


async def test_an_application_for_another_product_is_not_a_duplicate(world: World) -> None:
    await world.ledger.record(a_record(1))
    assert await world.of(Applicant(ADA.reference, "auto loan")) == NO_HISTORY


async def test_an_accepted_loan_counts_whatever_its_product(world: World) -> None:
    record = a_record(1)
    await world.ledger.record(record)
    await world.ledger.record(a_record(2))
    await world.accept(record, Money(1_250_075))
    history = await world.of()
    assert history.accepted == Money(1_250_075)
    assert [past.accepted for past in history.recent] == [False, True]
    assert (await world.of(Applicant(ADA.reference, "auto loan"))).accepted == Money(1_250_075)


async def test_a_persons_decision_replaces_that_of_the_system(world: World) -> None:
    referred, declined = a_record(1, outcome=Outcome.REFERRED), a_record(2, outcome=Outcome.DECLINED)
    await world.ledger.record(referred)
    await world.ledger.record(declined)
    await world.finally_decide(referred, "declined", days=2)
    await world.finally_decide(declined, "approved", days=1)
    history = await world.of()
    assert [past.declined_at for past in history.recent] == [None, referred.decided_at + timedelta(days=2)]


async def test_superseded_decisions_are_left_out(world: World) -> None:
    first = a_record(1, outcome=Outcome.DECLINED)
    await world.ledger.record(first)
    assert [past.decision_id for past in (await world.of()).recent] == [first.decision_id]
    assert (await world.of(ADA, first.decision_id)).recent == ()
    second = replace(
        a_record(2, days=1), supersedes=first.decision_id, supersedes_reason=SupersedesReason.CORRECTION
    )
    await world.supersede(first, second)
    history = await world.of()
    assert [past.decision_id for past in history.recent] == [second.decision_id]
    assert history.number == 2


async def test_trials_do_not_count(world: World) -> None:
    await world.ledger.record(a_record(trial=True))
    await world.ledger.record_all([a_record(trial=True)])
    assert await world.of() == NO_HISTORY


async def test_of_two_decisions_under_one_number_the_second_must_be_made_again(world: World) -> None:
    records = [a_record(1), a_record(1), a_record(1, BEN.reference), a_decision_record()]
    first, second, other, without = await world.ledger.record_each([(record, None) for record in records])
    assert (first, other, without) == (records[0], records[2], records[3])
    assert isinstance(second, HistoryChanged)
    (later,) = await world.ledger.record_each([(a_record(1), None)])
    assert isinstance(later, HistoryChanged)
    assert (await world.of()).number == 1


async def test_concurrent_decisions_under_one_number_are_recorded_once(world: World) -> None:
    records = [a_record(1) for _ in range(20)]
    results = await asyncio.gather(*(world.ledger.record(record) for record in records), return_exceptions=True)
    assert [type(result) for result in results].count(HistoryChanged) == 19
    assert results.count(None) == 1


async def test_decisions_without_a_look_up_are_numbered_too(world: World) -> None:
    await asyncio.gather(*(world.ledger.record(a_record()) for _ in range(5)))
    await world.ledger.record_all([a_record() for _ in range(3)])
    assert (await world.of()).number == 8


async def test_a_file_is_recorded_only_if_no_history_has_changed(world: World) -> None:
    await world.ledger.record(a_record(1))
    with pytest.raises(HistoryChanged):
        await world.ledger.record_all([a_record(1, BEN.reference), a_record(1)])
    assert await world.of(BEN) == NO_HISTORY
    await world.ledger.record_all([a_record(1, BEN.reference), a_record(2), a_record(3)])
    assert (await world.of()).number == 3
