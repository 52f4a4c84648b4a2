"""The state of what is stored, as PostgreSQL returns it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.audit_events import PostgresAuditEvents
from adapters.persistence.database.connections import database_engine
from adapters.persistence.monitoring.stored_states import STATE, PostgresStoredStates
from adapters.persistence.webhooks.outbox import PostgresOutbox
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.operations.stored_state import CaseQueue, LastVerification, NoticeQueue
from domain.audit.event import EventKind, RecordedEvent
from domain.month import Month
from support.batches import OpenBatchStore
from support.builders import A_MOMENT, a_decision_record, an_event
from support.databases import Store
from support.engines import execute

NOWHERE = "postgresql://nobody@/scoring?host=/nowhere/at-all"
HOLD = timedelta(minutes=1)
MANY_ROWS = """
INSERT INTO batches (batch_id, name, submitted_at, requested_by, role, size, digest, state, rows_read,
    rows_refused, approved, referred, declined, share_done, stretches)
SELECT gen_random_uuid(), 'march.csv', now(), 'broker', 'service', 1, sha256('1'), 'done', 1, 0, 1, 0, 0, 1, 1
FROM generate_series(1, 20000);
INSERT INTO webhook_deliveries (delivery_id, batch_id, recipient, url, event, body, created_at, state, attempts,
    next_attempt_at)
SELECT batch_id, batch_id, 'broker', 'https://portal.example', 'batch.done', '{}', now(), 'delivered', 1, now()
FROM batches;
INSERT INTO recorded_events SELECT gen_random_uuid(), 'user added', '{}' FROM generate_series(1, 20000);
INSERT INTO cases
    (case_id, decision_id, opened_at, due_at, state, ended_at, loan_amnt, grade, requested_by, reasons)
SELECT batch_id, batch_id, now(), now(), 'resolved', now(), 1000, 'C', 'broker', '{}' FROM batches;
ANALYZE batches, webhook_deliveries, recorded_events, cases
"""


@pytest.fixture
async def engine(migrated_url: str) -> AsyncIterator[AsyncEngine]:
    engine = database_engine(migrated_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def states(engine: AsyncEngine) -> PostgresStoredStates:
    return PostgresStoredStates(engine)


async def test_a_new_database_has_nothing_waiting_and_nothing_verified(states: PostgresStoredStates) -> None:
    state = await states.read()
    assert (state.batches_queued, state.batches_running, state.oldest_queued_seconds) == (0, 0, 0.0)
    assert (state.messages_pending, state.oldest_pending_seconds, state.dead_letters) == (0, 0.0, 0)
    assert (state.last_checkpoint, state.checkpointed_at, state.verification) == (0, None, None)
    assert state.database_bytes > 1_000_000


async def test_batches_and_messages_are_counted_by_state(
    states: PostgresStoredStates, engine: AsyncEngine, open_postgres_batch_store: OpenBatchStore
) -> None:
    batch_store = open_postgres_batch_store(15.0)
    for _ in range(3):
        batch = await batch_store.submit_file(webhook_url="https://portal.example/webhook")
        await batch_store.batches.cancel(batch.batch_id, an_event())
    for _ in range(3):
        await batch_store.submit_file()
    assert await batch_store.work.lease_next(datetime.now(UTC)) is not None
    outbox = PostgresOutbox(engine)
    delivered, dead = await outbox.lease_next(duration=HOLD), await outbox.lease_next(duration=HOLD)
    assert delivered is not None
    assert dead is not None
    await outbox.mark_delivered(delivered.delivery_id)
    await outbox.mark_failed(dead.delivery_id, "down", retry_in=None)
    async with engine.begin() as connection:
        for table, time, state in (
            ("batches", "submitted_at", "queued"),
            ("webhook_deliveries", "created_at", "waiting"),
        ):
            await connection.exec_driver_sql(
                f"UPDATE {table} SET {time} = now() - interval '90 s' WHERE state = '{state}'"  # noqa: S608 - own text
            )
    state = await states.read()
    assert (state.batches_queued, state.batches_running) == (2, 1)
    assert (state.messages_pending, state.dead_letters) == (1, 1)
    assert 90 <= state.oldest_queued_seconds < 150
    assert 90 <= state.oldest_pending_seconds < 150


CASES = """
INSERT INTO cases (case_id, decision_id, opened_at, due_at, state, lease_until, ended_at, loan_amnt, grade,
    requested_by, reasons)
SELECT id, id, now() - hours * interval '1 h', now() + due * interval '1 h', state, now() + lease * interval '1 h',
    CASE WHEN state = 'resolved' THEN now() END, 1000, 'C', 'broker', '{}'
FROM (VALUES (1, -1, 'open', NULL), (2, 2, 'assigned', 1), (3, 2, 'assigned', -1),
    (9, -1, 'awaiting_applicant', 0), (4, 2, 'awaiting_second_approval', NULL), (90, -50, 'resolved', NULL)
    ) AS given (hours, due, state, lease),
    LATERAL (SELECT gen_random_uuid() AS id WHERE hours > 0) AS made;
INSERT INTO case_actions
SELECT gen_random_uuid(), case_id, 1 + number, now() - (3 - number) * interval '1 h', 'maria',
    CASE number WHEN 1 THEN 'case resolution proposed' ELSE 'case note added' END, '{}'
FROM cases, generate_series(0, 2) AS number WHERE state = 'awaiting_second_approval'
"""


async def test_unfinished_cases_are_counted_by_state(states: PostgresStoredStates, migrated_url: str) -> None:
    """An expired lease counts as free; a case that awaits the applicant is neither overdue nor the oldest."""
    assert (await states.read()).cases == CaseQueue()
    execute(migrated_url, CASES)
    cases = (await states.read()).cases
    assert cases.by_state == {"open": 2, "assigned": 1, "awaiting_applicant": 1, "awaiting_second_approval": 1}
    assert cases.overdue == 1
    assert cases.oldest_seconds == pytest.approx(4 * 3600, abs=60)
    assert cases.oldest_second_approval_seconds == pytest.approx(2 * 3600, abs=60)


NOTICES = """
INSERT INTO notices (notice_id, kind, cause, decision_id, application_id, received_at, due_at, state, delivered_on,
    requested_by)
SELECT id, 'adverse_action', 'decision', id, id, now(), now() + due * interval '1 day', state, delivered, 'los'
FROM (VALUES (-2, 'due', NULL::date), (-1, 'issued', NULL), (3, 'due', NULL), (20, 'due', NULL),
    (-9, 'cancelled', NULL), (-8, 'delivered', '2026-01-01'), (-7, 'issued', '2026-01-01')
    ) AS given (due, state, delivered), LATERAL (SELECT gen_random_uuid() AS id WHERE due < 100) AS made
"""


async def test_notices_that_were_not_sent_are_counted(states: PostgresStoredStates, migrated_url: str) -> None:
    """One that came back was sent in time."""
    assert (await states.read()).notices == NoticeQueue()
    execute(migrated_url, NOTICES)
    notices = (await states.read()).notices
    assert (notices.due, notices.issued, notices.due_soon, notices.overdue) == (3, 1, 1, 2)
    assert notices.longest_overdue_seconds == pytest.approx(2 * 86_400, abs=60)


async def test_the_last_checkpoint_and_verification_are_read(
    states: PostgresStoredStates, engine: AsyncEngine, postgres_store: Store
) -> None:
    await postgres_store.ledger.record(a_decision_record())
    await postgres_store.checkpoint(A_MOMENT)
    events = PostgresAuditEvents(engine)
    for number, violations in enumerate((0, 2)):
        at = A_MOMENT + timedelta(days=number)
        details = {"result": "any", "violations": violations}
        await events.record_event(
            RecordedEvent(UUID(int=1 + number), at, "os:marta", EventKind.TRAIL_VERIFIED, details)
        )
        state = await states.read()
        assert (state.last_checkpoint, state.checkpointed_at) == (1, A_MOMENT)
        assert state.verification == LastVerification(at, succeeded=violations == 0)
    await events.record_event(an_event(event_id=UUID(int=9)))
    assert (await states.read()).verification == state.verification


async def test_an_event_that_the_service_did_not_write_is_no_verification(
    states: PostgresStoredStates, migrated_url: str
) -> None:
    execute(migrated_url, "INSERT INTO recorded_events VALUES (gen_random_uuid(), 'audit trail verified', '[]')")
    assert (await states.read()).verification is None


async def test_consecutive_months_with_a_partition_count_as_ahead(own_migrated_url: str) -> None:
    engine = database_engine(own_migrated_url)
    try:
        states = PostgresStoredStates(engine)
        assert (await states.read()).partitions_ahead == 3
        missing = Month.of(datetime.now(UTC)).later(2)
        execute(own_migrated_url, f"DROP TABLE decisions_{missing.year}_{missing.number:02}")
        assert (await states.read()).partitions_ahead == 1
    finally:
        await engine.dispose()


async def test_reading_the_state_scans_no_table(own_migrated_url: str) -> None:
    """Queues and last rows are found by index among many ended batches, and decisions are not read at all."""
    execute(own_migrated_url, MANY_ROWS)
    engine = database_engine(own_migrated_url)
    async with engine.connect() as connection:
        explained = await connection.execute(text(f"EXPLAIN {STATE.text}"), {"verified": "audit trail verified"})
        plan = "\n".join(explained.scalars())
    await engine.dispose()
    for table in ("batches", "webhook_deliveries", "decisions", "audit_entries", "cases", "case_actions"):
        assert f"Seq Scan on {table}" not in plan, plan
    assert "batches_open" in plan
    assert "webhook_deliveries_waiting" in plan
    assert "recorded_events_kind" in plan


async def test_an_unavailable_database_is_reported() -> None:
    engine = database_engine(NOWHERE)
    with pytest.raises(DependencyUnavailable):
        await PostgresStoredStates(engine).read()
    await engine.dispose()
