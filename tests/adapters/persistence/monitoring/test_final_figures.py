"""What people decided on the decisions of a period, counted in PostgreSQL."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from application.ports.monitoring.decision_figures import DecisionFigures
from domain.applications.application_identity import ApplicationIdentity
from domain.monitoring.overview import DecidedByPeople
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter
from domain.monitoring.period import Period
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.builders import a_decision, a_decision_record, an_identifier
from support.databases import Store
from support.engines import execute

START = datetime(2026, 3, 14, tzinfo=UTC)
END = START + timedelta(days=7)
A_MICROSECOND = timedelta(microseconds=1)
REFERRED_APPROVED = (Outcome.REFERRED, FinalOutcome.APPROVED)


@pytest.fixture
def url(migrated_url: str) -> str:
    return migrated_url


async def decided(
    store: Store,
    url: str,
    at: datetime,
    *outcomes: FinalOutcome,
    system: Outcome = Outcome.REFERRED,
    source: str = "los",
    late: timedelta = timedelta(),
) -> None:
    """A decision, whose identifier is made a little later, and the outcomes that people gave it in turn."""
    record = a_decision_record(
        decision_id=an_identifier(at + late),
        decided_at=at,
        decision=a_decision(outcome=system),
        identity=ApplicationIdentity(source=source),
        trial=False,
    )
    await store.ledger.record(record)
    for number, outcome in enumerate(outcomes, 1):
        final(url, record.decision_id, number, outcome, system)


def final(url: str, decision_id: UUID, number: int, outcome: FinalOutcome, system: Outcome) -> None:
    row = f"'{uuid4()}', '{decision_id}', '{uuid4()}', {number}, now(), '{outcome.value}'"
    rest = f"'agreed', '{system.value}', 'approved', NULL, 'OTHER', 60, 'maria', NULL, '{{}}'"
    execute(url, f"INSERT INTO final_decisions VALUES ({row}, {rest})")  # noqa: S608 - a test's own text


async def people(
    figures: DecisionFigures, start: datetime = START, end: datetime = END, wanted: OverviewFilter = DEFAULT_FILTER
) -> DecidedByPeople:
    return (await figures.over(Period.between(start, end), wanted)).people


@pytest.fixture
def figures(postgres_store: Store) -> DecisionFigures:
    return postgres_store.figures


async def test_the_last_outcome_of_each_decision_counts(
    postgres_store: Store, url: str, figures: DecisionFigures
) -> None:
    noon = START + timedelta(days=3, hours=12)
    await decided(postgres_store, url, noon)
    await decided(postgres_store, url, noon, FinalOutcome.APPROVED)
    await decided(postgres_store, url, noon, FinalOutcome.DECLINED, FinalOutcome.COUNTER_OFFER)
    await decided(postgres_store, url, noon, FinalOutcome.APPROVED, system=Outcome.DECLINED)
    assert await people(figures) == {
        REFERRED_APPROVED: 1,
        (Outcome.REFERRED, FinalOutcome.COUNTER_OFFER): 1,
        (Outcome.DECLINED, FinalOutcome.APPROVED): 1,
    }


async def test_the_period_is_that_of_the_decisions_to_the_microsecond(
    postgres_store: Store, url: str, figures: DecisionFigures
) -> None:
    """Also where the identifier, which is made after the time was read, lies beyond the end."""
    for at in (START - A_MICROSECOND, START, END - A_MICROSECOND, END):
        await decided(postgres_store, url, at, FinalOutcome.APPROVED, late=timedelta(seconds=2))
    assert await people(figures) == {REFERRED_APPROVED: 2}
    assert await people(figures, START, START + timedelta(minutes=5)) == {REFERRED_APPROVED: 1}


async def test_filters_apply_to_final_outcomes_too(
    postgres_store: Store, url: str, figures: DecisionFigures
) -> None:
    noon = START + timedelta(days=3, hours=12)
    await decided(postgres_store, url, noon, FinalOutcome.APPROVED, source="los")
    await decided(postgres_store, url, noon, FinalOutcome.APPROVED, source="portal")
    assert await people(figures, wanted=OverviewFilter(source="los")) == {REFERRED_APPROVED: 1}
    assert await people(figures, wanted=OverviewFilter(source="fax")) == {}


@pytest.mark.parametrize("start", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)])
async def test_periods_at_the_ends_of_the_calendar_are_empty(figures: DecisionFigures, start: datetime) -> None:
    assert await people(figures, start, start + timedelta(hours=23)) == {}
