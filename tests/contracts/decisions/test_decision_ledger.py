"""The contract of every decision ledger."""

import asyncio
from uuid import uuid4

import pytest

from application.ports.decisions.decision_ledger import AlreadyRecorded
from support.builders import a_decision_record, an_actor
from support.databases import Store


async def test_a_recorded_decision_is_found_unchanged(store: Store) -> None:
    record = a_decision_record()
    await store.ledger.record(record)
    assert await store.archive.find(record.decision_id) == record


async def test_every_decision_has_its_audit_entry(store: Store) -> None:
    record = a_decision_record(requested_by=an_actor(name="Ngozi"))
    await store.ledger.record(record)
    ((entry, document),) = [pair async for pair in store.trail.entries()]
    assert (entry.subject, entry.at, entry.actor) == (record.decision_id, record.decided_at, "Ngozi")
    assert (entry.sequence, entry.action) == (1, "decision recorded")
    assert document is not None


async def test_concurrent_decisions_are_all_recorded_with_their_entries(store: Store) -> None:
    records = [a_decision_record() for _ in range(200)]
    await asyncio.gather(*(store.ledger.record(record) for record in records))
    found = await asyncio.gather(*(store.archive.find(record.decision_id) for record in records))
    assert found == records
    subjects = [entry.subject async for entry, _ in store.trail.entries()]
    assert sorted(subjects) == sorted(record.decision_id for record in records)
    assert await store.violations() == []


async def test_many_decisions_are_recorded_together(store: Store) -> None:
    records = [a_decision_record() for _ in range(2_500)]
    await store.ledger.record_all(records)
    assert await store.archive.find(records[0].decision_id) == records[0]
    assert await store.archive.find(records[-1].decision_id) == records[-1]
    assert len([entry async for entry, _ in store.trail.entries()]) == 2_500
    assert await store.violations() == []


async def test_recording_no_decisions_succeeds(store: Store) -> None:
    await store.ledger.record_all([])
    assert [entry async for entry in store.trail.entries()] == []


async def test_a_second_decision_with_the_same_identifier_is_refused(store: Store) -> None:
    first = a_decision_record(received_through="api")
    await store.ledger.record(first)
    with pytest.raises(AlreadyRecorded):
        await store.ledger.record(a_decision_record(decision_id=first.decision_id, received_through="web"))
    assert await store.archive.find(first.decision_id) == first
    assert await store.violations() == []


async def test_a_refused_decision_does_not_fail_concurrent_ones(store: Store) -> None:
    twice = uuid4()
    await store.ledger.record(a_decision_record(decision_id=twice))
    records = [a_decision_record() for _ in range(30)]
    records[17] = a_decision_record(decision_id=twice)
    results = await asyncio.gather(*(store.ledger.record(record) for record in records), return_exceptions=True)
    assert [type(result) for result in results].count(AlreadyRecorded) == 1
    assert isinstance(results[17], AlreadyRecorded)
    assert len([entry async for entry, _ in store.trail.entries()]) == 30
    assert await store.violations() == []


async def test_one_of_two_concurrent_decisions_with_the_same_identifier_is_recorded(store: Store) -> None:
    twice = uuid4()
    records = [a_decision_record(decision_id=twice, received_through=channel) for channel in ("api", "web")]
    results = await asyncio.gather(*(store.ledger.record(record) for record in records), return_exceptions=True)
    assert sorted(str(type(result)) for result in results) == sorted([str(type(None)), str(AlreadyRecorded)])
    assert await store.violations() == []


async def test_all_decisions_of_a_transaction_are_recorded_or_none(store: Store) -> None:
    on_record = a_decision_record()
    await store.ledger.record(on_record)
    records = [a_decision_record() for _ in range(1_200)]
    with pytest.raises(AlreadyRecorded):
        await store.ledger.record_all([*records, on_record])
    assert await store.archive.find(records[0].decision_id) is None
    assert len([entry async for entry, _ in store.trail.entries()]) == 1
