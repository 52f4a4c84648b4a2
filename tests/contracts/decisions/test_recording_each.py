"""The contract of every decision ledger for several decisions in one call."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.observability.metrics.metrics import Metrics
from adapters.observability.wrappers.observed_ports import ObservedLedger
from application.ports.decisions.decision_ledger import AlreadyRecorded
from application.ports.decisions.idempotency import Claim, KeyReused
from support.builders import a_decision_record
from support.databases import Store


def a_claim(key: str, *, fingerprint: bytes = b"1" * 32) -> Claim:
    return Claim("broker", key, fingerprint)


@pytest.fixture(params=["as it is", "observed"])
async def store_variant(store: Store, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """Every store, with and without the observing wrapper."""
    if request.param == "observed":
        yield replace(store, ledger=ObservedLedger(store.ledger, Metrics(), None))
    else:
        yield store


async def on_record(store_variant: Store) -> list[Any]:
    """The identifiers of the recorded decisions, after verifying the trail."""
    assert await store_variant.violations() == []
    return sorted([entry.subject async for entry, _ in store_variant.trail.entries()])


async def test_all_are_recorded_and_returned_in_order(store_variant: Store) -> None:
    records = [a_decision_record() for _ in range(30)]
    assert await store_variant.ledger.record_each([(record, None) for record in records]) == records
    assert [await store_variant.archive.find(record.decision_id) for record in records] == records
    assert await on_record(store_variant) == sorted(record.decision_id for record in records)


async def test_an_empty_call_returns_nothing(store_variant: Store) -> None:
    assert list(await store_variant.ledger.record_each([])) == []
    assert await on_record(store_variant) == []


async def test_decisions_with_and_without_claims_are_recorded_together(store_variant: Store) -> None:
    records = [a_decision_record() for _ in range(6)]
    claims = [None, a_claim("k-1"), None, a_claim("k-2"), a_claim("k-3"), None]
    assert await store_variant.ledger.record_each(list(zip(records, claims, strict=True))) == records
    again = await store_variant.ledger.record_each([(a_decision_record(), claim) for claim in claims if claim])
    assert again == [records[1], records[3], records[4]]
    assert len(await on_record(store_variant)) == 6


async def test_a_refused_record_does_not_fail_the_others(store_variant: Store) -> None:
    first = a_decision_record()
    await store_variant.ledger.record(first)
    records = [a_decision_record() for _ in range(5)]
    records[2] = replace(first, received_through="web")
    claims = [None, a_claim("k-1"), None, a_claim("k-2"), None]
    recorded = list(await store_variant.ledger.record_each(list(zip(records, claims, strict=True))))
    assert isinstance(recorded.pop(2), AlreadyRecorded)
    assert recorded == records[:2] + records[3:]
    assert await store_variant.archive.find(first.decision_id) == first
    assert len(await on_record(store_variant)) == 5


async def test_a_refused_record_does_not_use_its_key(store_variant: Store) -> None:
    first, another = a_decision_record(), a_decision_record()
    await store_variant.ledger.record(first)
    refused, other = await store_variant.ledger.record_each(
        [(replace(first, received_through="web"), a_claim("k-1")), (another, None)]
    )
    assert isinstance(refused, AlreadyRecorded)
    assert other == another
    record = a_decision_record()
    assert await store_variant.ledger.record_each([(record, a_claim("k-1"))]) == [record]


async def test_an_identifier_repeated_in_one_call_is_recorded_once(store_variant: Store) -> None:
    record, other = a_decision_record(), a_decision_record()
    recorded = list(
        await store_variant.ledger.record_each(
            [(record, None), (replace(record, received_through="web"), None), (other, None)]
        )
    )
    assert [type(outcome) for outcome in recorded].count(AlreadyRecorded) == 1
    assert recorded[2] == other
    assert await on_record(store_variant) == sorted([record.decision_id, other.decision_id])


async def test_a_claim_repeated_in_one_call_returns_the_first_decision_twice(store_variant: Store) -> None:
    first, second, other = (a_decision_record() for _ in range(3))
    recorded = await store_variant.ledger.record_each(
        [(first, a_claim("k-1")), (other, None), (second, a_claim("k-1"))]
    )
    assert recorded == [first, other, first]
    assert await store_variant.archive.find(second.decision_id) is None
    assert len(await on_record(store_variant)) == 2


async def test_a_key_used_for_two_requests_in_one_call_is_rejected_for_the_second(store_variant: Store) -> None:
    first, second, other = (a_decision_record() for _ in range(3))
    recorded = await store_variant.ledger.record_each(
        [(first, a_claim("k-1")), (second, a_claim("k-1", fingerprint=b"2" * 32)), (other, None)]
    )
    assert (recorded[0], recorded[2]) == (first, other)
    assert isinstance(recorded[1], KeyReused)
    assert len(await on_record(store_variant)) == 2


async def test_decisions_of_earlier_claims_are_returned_with_new_ones(store_variant: Store) -> None:
    first = a_decision_record()
    await store_variant.ledger.record_once(first, a_claim("k-1"))
    new, plain = a_decision_record(), a_decision_record()
    again, reused, made, without = await store_variant.ledger.record_each(
        [
            (a_decision_record(), a_claim("k-1")),
            (a_decision_record(), a_claim("k-1", fingerprint=b"2" * 32)),
            (new, a_claim("k-2")),
            (plain, None),
        ]
    )
    assert (again, made, without) == (first, new, plain)
    assert isinstance(reused, KeyReused)
    assert len(await on_record(store_variant)) == 3


async def test_concurrent_calls_each_get_their_own_results(store_variant: Store) -> None:
    calls = [[a_decision_record() for _ in range(7)] for _ in range(20)]
    recorded = await asyncio.gather(
        *(store_variant.ledger.record_each([(record, None) for record in call]) for call in calls)
    )
    assert [list(each) for each in recorded] == calls
    assert len(await on_record(store_variant)) == 140


async def test_concurrent_calls_with_one_claim_record_and_return_one_decision(store_variant: Store) -> None:
    recorded = await asyncio.gather(
        *(
            store_variant.ledger.record_each([(a_decision_record(), None), (a_decision_record(), a_claim("k-1"))])
            for _ in range(10)
        )
    )
    firsts = [claimed for _, claimed in recorded]
    assert all(first == firsts[0] for first in firsts)
    assert len(await on_record(store_variant)) == 11
