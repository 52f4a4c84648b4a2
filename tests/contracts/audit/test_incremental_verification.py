"""Incremental verification over every store: what it covers, what it detects, and what only a whole one does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.access.user import Actor, Role
from domain.audit.event import EventKind
from domain.audit.verified_position import Scope
from domain.month import Month
from support.builders import A_MOMENT, a_decision_record, an_event, an_identifier
from support.databases import SIGNER, Store
from support.memory.audit import AuditUseCases
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions

ARTHUR = Actor("arthur", Role.AUDITOR)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(A_MOMENT)


@pytest.fixture
def audit(store: Store, clock: FixedClock) -> AuditUseCases:
    return store.audit(clock)


async def decide(store: Store, count: int) -> None:
    await store.ledger.record_all([a_decision_record() for _ in range(count)])


async def test_the_first_verification_covers_everything(store: Store, audit: AuditUseCases) -> None:
    await decide(store, 5)
    await store.checkpoint()
    found = await audit.verify_audit_trail(by=ARTHUR)
    assert (found.scope, found.entries, found.violations) == (Scope.WHOLE, 5, ())


async def test_the_next_one_covers_what_was_added_since(
    store: Store, audit: AuditUseCases, clock: FixedClock
) -> None:
    await decide(store, 5)
    await store.checkpoint()
    await audit.verify_audit_trail(by=ARTHUR)  # which adds an event of its own
    await decide(store, 3)
    await store.events.record_event(an_event())
    await store.checkpoint()
    clock.moment += timedelta(days=1)
    found = await audit.verify_audit_trail(by=ARTHUR)
    assert (found.scope, found.entries, found.events, found.violations) == (Scope.INCREMENTAL, 5, 2, ())
    assert found.since is not None
    assert (found.since.checkpoint, found.since.whole_at) == (1, A_MOMENT)
    assert not found.empty

    third = await audit.verify_audit_trail(by=ARTHUR)
    assert (third.entries, third.events) == (1, 1)  # the event of the second
    assert third.since is not None
    assert (third.since.checkpoint, third.since.at, third.since.whole_at) == (2, clock.moment, A_MOMENT)


async def test_a_whole_one_can_be_requested(store: Store, audit: AuditUseCases) -> None:
    await decide(store, 5)
    await store.checkpoint()
    await audit.verify_audit_trail(by=ARTHUR)
    found = await audit.verify_audit_trail(by=ARTHUR, whole=True)
    assert (found.scope, found.entries) == (Scope.WHOLE, 6)


async def test_entries_without_a_checkpoint_are_covered_again(store: Store, audit: AuditUseCases) -> None:
    await decide(store, 5)
    await store.checkpoint()
    await decide(store, 2)
    assert (await audit.verify_audit_trail(by=ARTHUR)).entries == 7
    assert (await audit.verify_audit_trail(by=ARTHUR)).entries == 3  # two decisions and one event


async def test_without_a_checkpoint_everything_is_verified_again(store: Store, audit: AuditUseCases) -> None:
    await decide(store, 5)
    await audit.verify_audit_trail(by=ARTHUR)
    assert (await audit.verify_audit_trail(by=ARTHUR)).scope is Scope.WHOLE


async def test_a_verification_is_recorded_with_its_user_scope_and_result(
    store: Store, audit: AuditUseCases, clock: FixedClock
) -> None:
    await decide(store, 5)
    made = await store.checkpoint()
    assert made is not None
    assert (await audit.verify_audit_trail(by=ARTHUR)).recorded
    clock.moment += timedelta(days=1)
    await audit.verify_audit_trail(by=ARTHUR)
    last = await audit.read_last_verifications(by=ARTHUR)
    assert last.last is not None
    assert last.whole is not None
    assert (last.last.event.actor, last.last.event.kind) == ("arthur", EventKind.TRAIL_VERIFIED)
    expected = {"result": "intact", "scope": "incremental", "entries": 1, "violations": 0, "since_checkpoint": 1}
    assert expected.items() <= last.last.event.details.items()
    assert last.whole.signed.at == A_MOMENT
    assert last.whole.event.details["checkpoint_digest"] == made.checkpoint.digest().hex()
    assert (await audit.verify_audit_trail(by=ARTHUR, whole=True)).violations == ()


async def test_nothing_is_based_on_months_that_a_person_declared_archived(store: Store, clock: FixedClock) -> None:
    await store.ledger.record(a_decision_record(decision_id=an_identifier(A_MOMENT)))
    await store.checkpoint()
    audit = store.audit(clock)
    if isinstance(store.ledger, MemoryDecisions):
        store.ledger._records.clear()
    else:
        async with store.events._engine.begin() as connection:  # type: ignore[attr-defined]
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
            await connection.execute(text("DELETE FROM decisions"))
    month = Month.of(A_MOMENT)
    found = await audit.verify_audit_trail(by=ARTHUR, archived=[month])
    assert (found.violations, found.archived) == ((), 1)
    last = await audit.read_last_verifications(by=ARTHUR)
    assert last.last is not None
    assert last.last.event.details["archived_months"] == str(month)
    clock.moment += timedelta(hours=1)
    again = await audit.verify_audit_trail(by=ARTHUR)
    assert (again.scope, again.violation_count) == (Scope.WHOLE, 1)

    clock.moment += timedelta(hours=1)
    declared = replace(audit.verify_audit_trail, archived=[month])  # by the setting
    assert not (await declared(by=ARTHUR)).violations
    clock.moment += timedelta(hours=1)
    assert (await declared(by=ARTHUR)).scope is Scope.INCREMENTAL


async def test_nothing_is_based_on_a_verification_signed_with_another_key(
    store: Store, audit: AuditUseCases, clock: FixedClock
) -> None:
    await decide(store, 5)
    await store.checkpoint()
    other = type(SIGNER)(b"x" * 32)
    await store.audit(clock, other).verify_audit_trail(by=ARTHUR)
    assert (await audit.verify_audit_trail(by=ARTHUR)).scope is Scope.WHOLE


async def test_nothing_is_based_on_an_unsigned_claim(store: Store, audit: AuditUseCases) -> None:
    await decide(store, 5)
    await store.checkpoint()
    claim = {"scope": "whole", "violations": 0, "verified_at": A_MOMENT.isoformat(), "key": "", "signature": ""}
    await store.events.record_event(an_event(kind=EventKind.TRAIL_VERIFIED, details=claim))
    found = await audit.verify_audit_trail(by=ARTHUR)
    assert (found.scope, found.entries) == (Scope.WHOLE, 6)
    last = await audit.read_last_verifications(by=ARTHUR)
    assert last.last is not None
    assert last.last.event.actor == "arthur"
