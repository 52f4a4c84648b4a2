"""The contract of every audit trail."""

from hashlib import sha256

from support.builders import a_decision_record
from support.databases import Store


async def test_an_empty_trail_has_no_violations(store: Store) -> None:
    assert await store.violations() == []


async def test_entries_are_in_order_of_chain_and_sequence(store: Store) -> None:
    for _ in range(3):
        await store.ledger.record(a_decision_record())
    await store.ledger.record_all([a_decision_record() for _ in range(1_500)])
    places = [(entry.chain, entry.sequence) async for entry, _ in store.trail.entries()]
    assert places == sorted(places)
    assert len(set(places)) == 1_503
    assert await store.violations() == []


async def test_every_entry_has_the_digest_of_its_document(store: Store) -> None:
    records = [a_decision_record(received_through=channel) for channel in ("api", "web", "file")]
    await store.ledger.record_all(records)
    documents = {}
    async for entry, document in store.trail.entries():
        assert document is not None
        assert sha256(document).digest() == entry.content_digest
        documents[entry.subject] = document
    assert set(documents) == {record.decision_id for record in records}
    assert len(set(documents.values())) == 3


async def test_a_trail_can_be_read_repeatedly_and_partially(store: Store) -> None:
    await store.ledger.record_all([a_decision_record() for _ in range(10)])
    async for entry, _ in store.trail.entries():
        assert entry.sequence == 1
        break
    assert len([entry async for entry, _ in store.trail.entries()]) == 10
