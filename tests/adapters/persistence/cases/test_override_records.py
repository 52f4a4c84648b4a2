"""Override figures in PostgreSQL are those that are counted one by one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert

from adapters.persistence.cases.case_tables import case_actions, cases, final_decisions
from adapters.persistence.cases.override_records import PostgresOverrideRecords
from adapters.persistence.database.connections import database_engine, transaction
from application.ports.cases.override_records import OverrideFilter
from domain.access.user import Actor, Role
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.cases.final_decision import FinalDecision
from domain.cases.override import OverrideType
from domain.cases.override_figures import OverrideFigures
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.period import Period
from domain.policies.final_outcome import FinalOutcome
from support.builders import A_MOMENT, a_decision, a_decision_record, a_final_decision, an_identifier
from support.databases import Store
from support.memory.decisions import MemoryDecisions
from support.memory.override_records import MemoryOverrideRecords

PERIOD = Period.between(A_MOMENT - timedelta(days=1), A_MOMENT + timedelta(days=6))
UMA, UDO = Actor("uma", Role.UNDERWRITER), Actor("udo", Role.UNDERWRITER)
ROWS = (
    ("C", "los", UMA, OverrideType.LOW_SIDE, FinalOutcome.APPROVED, 60.0, 1),
    ("C", "los", UMA, OverrideType.AGREED, FinalOutcome.COUNTER_OFFER, 120.0, 1),
    ("D", None, UMA, OverrideType.AGREED, FinalOutcome.DECLINED, 180.0, 2),
    ("D", "los", UDO, OverrideType.HIGH_SIDE, FinalOutcome.DECLINED, 600.0, 3),
    ("D", "los", UDO, OverrideType.POLICY_EXCEPTION, FinalOutcome.APPROVED, 30.0, 9),
)


def pair(number: int) -> tuple[DecisionRecord, FinalDecision]:
    grade, source, maker, override, outcome, dwell, days = ROWS[number]
    record = a_decision_record(
        decision_id=an_identifier(A_MOMENT),
        decision=a_decision(grade=grade),
        identity=ApplicationIdentity(source=source) if source else NO_IDENTITY,
    )
    final = a_final_decision(
        final_decision_id=an_identifier(A_MOMENT),
        decision_id=record.decision_id,
        case_id=record.decision_id,
        number=1,
        maker=maker,
        override=override,
        dwell_seconds=dwell,
        decided_at=A_MOMENT + timedelta(days=days, seconds=number),
        own_view=(FinalOutcome.COUNTER_OFFER, None)[number % 2],
        reason=("INCOME_VERIFIED", "OTHER")[number % 2],
    )
    lends = {} if outcome.lends else {"amount": None, "term": None, "grade": None}
    return record, replace(final, outcome=outcome, **lends)


@pytest.fixture
async def both(
    migrated_url: str, postgres_store: Store
) -> AsyncIterator[tuple[PostgresOverrideRecords, MemoryOverrideRecords]]:
    memory, engine = MemoryDecisions(), database_engine(migrated_url)
    for number in range(len(ROWS)):
        record, final = pair(number)
        await memory.record_all([record])
        await postgres_store.ledger.record(record)
        memory.final_decisions.append(final)
        names = ("final_decision_id", "decision_id", "case_id", "number", "decided_at", "reason", "dwell_seconds")
        values = {name: getattr(final, name) for name in names} | {
            "outcome": final.outcome.value,
            "override": final.override.value,
            "system_outcome": final.system_outcome.value,
            "recommended": final.recommended.value,
            "own_view": final.own_view and final.own_view.value,
            "maker": final.maker.name,
            "checker": final.checker and final.checker.name,
            "document": "{}",
        }
        async with transaction(engine) as connection:
            await connection.execute(insert(final_decisions).values(values))
    yield PostgresOverrideRecords(engine), MemoryOverrideRecords(memory)
    await engine.dispose()


@pytest.mark.parametrize(
    "wanted",
    [
        OverrideFilter(),
        OverrideFilter(officer="uma"),
        OverrideFilter(override=OverrideType.AGREED),
        OverrideFilter(source=""),
        OverrideFilter(grade="D", reason="OTHER", purpose="credit_card"),
        OverrideFilter(officer="nobody\0"),
    ],
)
async def test_both_count_and_list_the_same(
    both: tuple[PostgresOverrideRecords, MemoryOverrideRecords], wanted: OverrideFilter
) -> None:
    stored, counted = both
    assert rounded(await stored.over(PERIOD, wanted)) == rounded(await counted.over(PERIOD, wanted))
    assert await stored.newest(PERIOD, wanted, limit=2) == await counted.newest(PERIOD, wanted, limit=2)


def rounded(figures: OverrideFigures) -> OverrideFigures:
    """The figures without differences in the last digits of percentiles."""
    dwell = figures.events.dwell
    ninetieth = None if dwell.ninetieth_percentile is None else round(dwell.ninetieth_percentile, 6)
    return replace(figures, events=replace(figures.events, dwell=replace(dwell, ninetieth_percentile=ninetieth)))


async def test_the_figures_are_by_officer_reason_and_segment(
    both: tuple[PostgresOverrideRecords, MemoryOverrideRecords],
) -> None:
    figures = await both[0].over(PERIOD)
    assert [(group.name, group.decisions, group.overrides.count) for group in figures.officers] == [
        ("uma", 3, 1),
        ("udo", 1, 1),
    ]
    assert figures.total.counter_offers == 1
    assert [(group.name, group.decisions) for group in figures.segments["source"]] == [("los", 3), ("", 1)]
    assert (figures.own_views_agreed.count, figures.own_views_agreed.total) == (2, 2)
    assert (figures.events.dwell.median, figures.second_approvals) == (150.0, 4)


async def test_events_of_the_period_are_counted(migrated_url: str, postgres_store: Store) -> None:
    engine, case_id = database_engine(migrated_url), uuid4()
    late = A_MOMENT + timedelta(days=30)
    kinds = ("case second approval refused", "case due time passed", "case note added")
    async with transaction(engine) as connection:
        for number, kind in enumerate(kinds, 1):
            for at in (A_MOMENT, late):
                row = {"action_id": an_identifier(at), "case_id": uuid4(), "number": number, "at": at}
                row |= {"actor": "uma", "kind": kind, "document": "{}"}
                await connection.execute(insert(case_actions).values(row))
        for quality in ("agreed", "disagreed", "waiting"):
            row = {"case_id": uuid4(), "decision_id": case_id, "opened_at": A_MOMENT, "due_at": A_MOMENT}
            row |= {"state": "resolved", "ended_at": A_MOMENT, "loan_amnt": 1, "grade": "C", "requested_by": "b"}
            await connection.execute(insert(cases).values({**row, "reasons": [], "quality": quality}))
    events = (await PostgresOverrideRecords(engine).over(PERIOD)).events
    assert (events.second_approvals_refused, events.breaches) == (1, 1)
    assert (events.quality_disagreed.count, events.quality_disagreed.total) == (1, 2)
    assert events.dwell.median is None
    await engine.dispose()
