"""The contract of every decision ledger for decisions with a claim."""

import asyncio
from dataclasses import replace
from hashlib import sha256

import pytest

from application.ports.decisions.decision_ledger import AlreadyRecorded
from application.ports.decisions.idempotency import Claim, KeyReused
from support.builders import a_decision_record
from support.databases import Store


def a_claim(key: str = "monday-17", *, actor: str = "broker", request: str = "$10,000") -> Claim:
    return Claim(actor, key, sha256(request.encode()).digest())


async def entries(store: Store) -> int:
    return len([entry async for entry, _ in store.trail.entries()])


async def test_a_retry_with_the_same_key_returns_the_first_decision(store: Store) -> None:
    first, second = a_decision_record(), a_decision_record()
    assert await store.ledger.record_once(first, a_claim()) == first
    assert await store.ledger.record_once(second, a_claim()) == first
    assert await store.archive.find(second.decision_id) is None
    assert await entries(store) == 1


async def test_a_key_reused_for_another_request_is_refused(store: Store) -> None:
    first = a_decision_record()
    await store.ledger.record_once(first, a_claim())
    with pytest.raises(KeyReused):
        await store.ledger.record_once(a_decision_record(), a_claim(request="$20,000"))
    assert await store.ledger.record_once(a_decision_record(), a_claim()) == first
    assert await entries(store) == 1


async def test_keys_of_different_callers_are_independent(store: Store) -> None:
    one, another = a_decision_record(), a_decision_record()
    assert await store.ledger.record_once(one, a_claim(actor="broker")) == one
    assert await store.ledger.record_once(another, a_claim(actor="branch", request="$20,000")) == another


async def test_concurrent_decisions_under_one_claim_record_and_return_one_decision(store: Store) -> None:
    records = [a_decision_record() for _ in range(20)]
    firsts = await asyncio.gather(*(store.ledger.record_once(record, a_claim()) for record in records))
    assert len({first.decision_id for first in firsts}) == 1
    assert firsts[0] in records
    assert await entries(store) == 1
    assert await store.violations() == []


async def test_one_of_two_concurrent_requests_under_one_key_is_refused(store: Store) -> None:
    claims = [a_claim(request="$10,000"), a_claim(request="$20,000")]
    results = await asyncio.gather(
        *(store.ledger.record_once(a_decision_record(), claim) for claim in claims), return_exceptions=True
    )
    assert [type(result) for result in results].count(KeyReused) == 1
    assert await entries(store) == 1


async def test_an_earlier_claim_does_not_fail_concurrent_ones(store: Store) -> None:
    first = a_decision_record()
    await store.ledger.record_once(first, a_claim())
    plain, claimed = ([a_decision_record() for _ in range(20)] for _ in range(2))
    again, *_ = await asyncio.gather(
        store.ledger.record_once(a_decision_record(), a_claim()),
        *(store.ledger.record(record) for record in plain),
        *(store.ledger.record_once(record, a_claim(f"tuesday-{n}")) for n, record in enumerate(claimed)),
    )
    assert again == first
    assert await entries(store) == 41
    assert await store.violations() == []


async def test_a_refused_decision_does_not_use_its_key(store: Store) -> None:
    on_record = a_decision_record()
    await store.ledger.record(on_record)
    with pytest.raises(AlreadyRecorded):
        await store.ledger.record_once(replace(on_record, received_through="web"), a_claim())
    record = a_decision_record()
    assert await store.ledger.record_once(record, a_claim()) == record
