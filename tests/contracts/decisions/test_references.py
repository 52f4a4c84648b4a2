"""The contract of every decision ledger for references: one application has each."""

import asyncio
from dataclasses import replace

from application.ports.decisions.decision_ledger import ApplicationReferenceTaken
from application.ports.decisions.idempotency import Claim, KeyReused
from domain.access.user import Actor, Role
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.application_reference import ApplicationReference
from domain.decisions.decision_record import DecisionRecord
from support.builders import a_decision_record
from support.databases import Store


def referenced(text: str = "LN-1", *, source: str | None = "los", **overrides: object) -> DecisionRecord:
    """A new decision on an application with this reference."""
    return a_decision_record(identity=ApplicationIdentity(text, source=source), trial=False, **overrides)


async def recorded(store: Store) -> int:
    """The number of decisions on record, after verifying the trail."""
    assert await store.violations() == []
    return len([entry async for entry, _ in store.trail.entries()])


async def test_a_second_application_with_a_reference_gets_the_first_decision(store: Store) -> None:
    first, second = referenced(), referenced()
    await store.ledger.record(first)
    (outcome,) = await store.ledger.record_each([(second, None)])
    assert isinstance(outcome, ApplicationReferenceTaken)
    assert outcome.reference == ApplicationReference("los", "LN-1")
    assert (outcome.decision_id, outcome.decision) == (first.decision_id, first)
    assert await store.archive.find(second.decision_id) is None
    assert await recorded(store) == 1


async def test_the_others_of_the_group_are_recorded(store: Store) -> None:
    await store.ledger.record(referenced("LN-1"))
    entries = [referenced("LN-2"), referenced("LN-1"), a_decision_record(), referenced("LN-2"), referenced("LN-3")]
    outcomes = await store.ledger.record_each([(record, None) for record in entries])
    assert [outcomes[place] for place in (0, 2, 4)] == [entries[place] for place in (0, 2, 4)]
    assert [type(outcomes[place]) for place in (1, 3)] == [ApplicationReferenceTaken] * 2
    assert await recorded(store) == 4


async def test_references_of_other_sources_and_callers_are_others(store: Store) -> None:
    broker, bank = Actor("broker", Role.SERVICE), Actor("bank", Role.SERVICE)
    entries = [
        referenced(source="los"),
        referenced(source="portal"),
        referenced(source=None, requested_by=broker),
        referenced(source=None, requested_by=bank),
    ]
    assert await store.ledger.record_each([(record, None) for record in entries]) == entries
    (outcome,) = await store.ledger.record_each([(referenced(source=None, requested_by=broker), None)])
    assert isinstance(outcome, ApplicationReferenceTaken)
    assert outcome.decision_id == entries[2].decision_id


async def test_trials_take_no_reference(store: Store) -> None:
    trial = replace(referenced(), trial=True)
    real = referenced()
    assert await store.ledger.record_each([(trial, None), (real, None)]) == [trial, real]
    later = replace(referenced(), trial=True)
    assert await store.ledger.record_each([(later, None)]) == [later]


async def test_a_key_is_answered_before_the_reference(store: Store) -> None:
    first, second = referenced(), referenced()
    claim = Claim("broker", "k-1", b"1" * 32)
    assert await store.ledger.record_each([(first, claim)]) == [first]
    assert await store.ledger.record_each([(second, claim)]) == [first]
    (reused,) = await store.ledger.record_each([(second, Claim("broker", "k-1", b"2" * 32))])
    assert isinstance(reused, KeyReused)
    (taken,) = await store.ledger.record_each([(second, Claim("broker", "k-2", b"2" * 32))])
    assert isinstance(taken, ApplicationReferenceTaken)
    other = referenced("LN-2")
    assert await store.ledger.record_each([(other, Claim("broker", "k-2", b"3" * 32))]) == [other]


async def test_of_simultaneous_applications_with_a_reference_one_is_recorded(store: Store) -> None:
    submitted = [referenced(f"LN-{number % 5}") for number in range(40)]
    outcomes = await asyncio.gather(*(store.ledger.record_each([(record, None)]) for record in submitted))
    first: dict[str | None, object] = {}
    for record, (outcome,) in zip(submitted, outcomes, strict=True):
        known = outcome.decision_id  # type: ignore[union-attr] # decisions and conflicts have one
        assert first.setdefault(record.identity.application_reference, known) == known
    assert await recorded(store) == 5
