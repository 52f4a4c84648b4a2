"""Lists of decisions show and find what people decided last."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from application.ports.decisions.decision_archive import DecisionFilter, DecisionSort, FinalOutcomeFilter
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.builders import a_decision, a_decision_record, an_actor
from support.databases import Store
from support.engines import execute

RECORDS = [
    a_decision_record(decision=a_decision(outcome=outcome), requested_by=an_actor(name=name))
    for outcome, name in (
        (Outcome.APPROVED, "undisturbed"),
        (Outcome.DECLINED, "undisturbed"),
        (Outcome.REFERRED, "waiting"),
        (Outcome.REFERRED, "approved by a person"),
        (Outcome.REFERRED, "first declined, then offered another loan"),
        (Outcome.DECLINED, "reviewed and approved"),
    )
]
APPROVED, DECLINED, WAITING, DECIDED, TWICE, REVIEWED = (record.decision_id for record in RECORDS)


def decide(url: str, decision_id: UUID, *outcomes: str) -> None:
    for number, outcome in enumerate(outcomes, 1):
        row = f"'{uuid4()}', '{decision_id}', '{uuid4()}', {number}, now(), '{outcome}'"
        rest = "'agreed', 'referred', 'approved', NULL, 'OTHER', 60, 'maria', NULL, '{}'"
        execute(url, f"INSERT INTO final_decisions VALUES ({row}, {rest})")  # noqa: S608 - a test's own text


@pytest.fixture(autouse=True)
async def on_record(migrated_url: str, postgres_store: Store) -> None:
    await postgres_store.ledger.record_all(RECORDS)
    decide(migrated_url, DECIDED, "approved")
    decide(migrated_url, TWICE, "declined", "counter_offer")
    decide(migrated_url, REVIEWED, "approved")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (FinalOutcomeFilter.APPROVED, [APPROVED, DECIDED, REVIEWED]),
        (FinalOutcomeFilter.DECLINED, [DECLINED]),
        (FinalOutcomeFilter.COUNTER_OFFER, [TWICE]),
        (FinalOutcomeFilter.UNDECIDED, [WAITING]),
    ],
)
async def test_decisions_are_found_by_their_final_outcome(
    postgres_store: Store, wanted: FinalOutcomeFilter, expected: Sequence[UUID]
) -> None:
    page = await postgres_store.archive.page(DecisionFilter(final_outcome=wanted), limit=10)
    assert {record.decision_id for record in page.records} == set(expected)
    assert page.total == len(expected)


async def test_a_page_has_the_last_outcomes_of_people_alone(postgres_store: Store) -> None:
    page = await postgres_store.archive.page(DecisionFilter(), limit=10)
    assert page.final_outcomes == {
        DECIDED: FinalOutcome.APPROVED,
        TWICE: FinalOutcome.COUNTER_OFFER,
        REVIEWED: FinalOutcome.APPROVED,
    }
    last = await postgres_store.archive.page(DecisionFilter(sort=DecisionSort.OLDEST), limit=1)
    assert set(last.final_outcomes) <= {last.records[0].decision_id}


async def test_the_filter_combines_with_others_and_with_the_owner(postgres_store: Store) -> None:
    wanted = DecisionFilter(final_outcome=FinalOutcomeFilter.APPROVED)
    page = await postgres_store.archive.page(replace(wanted, outcome=Outcome.DECLINED), limit=10)
    assert [record.decision_id for record in page.records] == [REVIEWED]
    own = await postgres_store.archive.page(wanted, limit=10, owner="undisturbed")
    assert [record.decision_id for record in own.records] == [APPROVED]
