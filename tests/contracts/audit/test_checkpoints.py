"""The contract of every checkpoint store."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.audit.checkpoints import CheckpointTaken
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from domain.access.user import Actor, PermissionDenied, Role
from support.builders import A_MOMENT, a_decision_record
from support.databases import SIGNER, Store
from support.memory.clock import FixedClock

AUDITOR = Actor("arthur", Role.AUDITOR)


async def decide(store: Store, count: int = 3) -> None:
    for _ in range(count):
        await store.ledger.record(a_decision_record())


async def test_an_empty_trail_gets_no_checkpoint(store: Store) -> None:
    assert await store.checkpoints.last() is None
    assert await store.checkpoint() is None


async def test_a_checkpoint_has_the_length_and_last_digest_of_every_chain(store: Store) -> None:
    await decide(store)
    await store.ledger.record_all([a_decision_record() for _ in range(5)])
    made = await store.checkpoint()
    assert made is not None
    ends = {entry.chain: (entry.sequence, entry.digest) async for entry, _ in store.trail.entries()}
    assert {head.chain: (head.length, head.digest) for head in made.checkpoint.heads} == ends
    assert made.public_key == SIGNER.public_key


async def test_a_checkpoint_is_read_back_unchanged(store: Store) -> None:
    made = []
    for _ in range(3):
        await decide(store)
        made.append(await store.checkpoint())
    assert [one async for one in store.checkpoints.all()] == made
    assert await store.checkpoints.last() == made[-1]
    assert (await store.verify()).checkpoints == 3
    assert await store.violations() == []


async def test_a_checkpoint_includes_only_chains_that_grew(store: Store) -> None:
    await store.ledger.record_all([a_decision_record() for _ in range(5)])
    await store.checkpoint()
    assert await store.checkpoint() is None
    await decide(store, 1)
    made = await store.checkpoint()
    assert made is not None
    assert made.checkpoint.number == 2
    assert len(made.checkpoint.heads) == 1


async def test_a_checkpoint_number_is_used_once(store: Store) -> None:
    await decide(store)
    made = await store.checkpoint()
    assert made is not None
    with pytest.raises(CheckpointTaken):
        await store.checkpoints.add(made)
    assert [one async for one in store.checkpoints.all()] == [made]


async def test_concurrent_replicas_create_at_most_one_checkpoint(store: Store) -> None:
    await decide(store)
    made = await asyncio.gather(*(store.checkpoint() for _ in range(4)))
    assert len([one for one in made if one]) == 1
    assert await store.violations() == []


async def test_no_checkpoint_is_created_soon_after_another(store: Store) -> None:
    clock = FixedClock(A_MOMENT)
    make = CreateCheckpoint(store.checkpoints, SIGNER, clock)
    half_a_minute = timedelta(seconds=30)
    await decide(store)
    assert await make(by=AUDITOR, unless_within=half_a_minute)
    await decide(store)
    clock.moment += timedelta(seconds=29)
    assert await make(by=AUDITOR, unless_within=half_a_minute) is None
    clock.moment += timedelta(seconds=1)
    assert await make(by=AUDITOR, unless_within=half_a_minute)
    await decide(store)
    clock.moment -= timedelta(days=1)  # a clock that was set back must not stop checkpoints
    assert await make(by=AUDITOR, unless_within=half_a_minute)


async def test_creating_a_checkpoint_requires_permission(store: Store) -> None:
    with pytest.raises(PermissionDenied):
        await CreateCheckpoint(store.checkpoints, SIGNER, FixedClock(A_MOMENT))(
            by=Actor("olga", Role.LOAN_OFFICER)
        )
