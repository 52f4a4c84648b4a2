"""The contract of what exports of evidence read."""

from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from adapters.memory.products import MemoryProducts
from adapters.security.audit_signing import Ed25519Signer
from adapters.system import SystemClock
from application.ports.audit.evidence_records import Coverage, Place
from application.use_cases.audit.export_evidence import EvidenceSelection
from domain.access.user import Actor, Role
from domain.audit.event import EventKind
from domain.decisions.decision_record import DecisionRecord
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_decision_record, an_event
from support.databases import SIGNER, Store
from support.evidence import content_of, export_evidence_over, verify_in_clean_interpreter
from support.memory.versions import MemoryBundles, MemoryPolicies
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

ARTHUR = Actor("arthur", Role.AUDITOR)


async def recorded(store: Store, count: int = 3) -> list[DecisionRecord]:
    records = [
        a_decision_record(
            model_fingerprint=CHAMPION_FINGERPRINT,
            policy_fingerprint=POLICY_1.fingerprint,
            product_fingerprint=PERSONAL_LOAN.fingerprint,
        )
        for _ in range(count)
    ]
    for record in records:
        await store.ledger.record(record)
    return records


async def test_decisions_come_with_their_bytes_and_entries(store: Store) -> None:
    first, second, _ = await recorded(store)
    found = await store.evidence.decisions([second.decision_id, uuid4(), first.decision_id])
    assert [each.identifier for each in found] == [second.decision_id, first.decision_id]
    for each in found:
        (entry,) = each.entries
        assert each.document is not None
        assert entry.content_digest == sha256(each.document).digest()
        assert entry.subject == each.identifier


async def test_events_are_found_by_the_decision_they_are_about(store: Store) -> None:
    one, other = str(uuid4()), str(uuid4())
    events = [
        an_event(kind=EventKind.EVIDENCE_EXPORTED, details={"decision": subject, "decisions": 1, "export": "e"})
        for subject in (one, other, one)
    ]
    activation = an_event(kind=EventKind.POLICY_ACTIVATED, details={"policy_version": "1"})
    for event in (*events, activation):
        await store.events.record_event(event)
    about = await store.evidence.events_about([one], limit=10)
    assert {each.identifier for each in about} == {events[0].event_id, events[2].event_id}
    assert all(len(each.entries) == 1 for each in about)
    assert len(await store.evidence.events_about([one, other], limit=2)) == 2
    of_kind = await store.evidence.events_about([one, "1"], kinds=[EventKind.POLICY_ACTIVATED], limit=10)
    assert [(each.identifier, each.document) for each in of_kind] == [(activation.event_id, activation.document())]
    assert list(await store.evidence.events_about([], limit=10)) == []


async def test_the_first_trusted_checkpoint_covers_an_entry(store: Store) -> None:
    stranger = Ed25519Signer(b"x" * 32)
    await recorded(store)
    (found,) = await store.evidence.decisions([(await recorded(store, 1))[0].decision_id])
    chain = found.entries[0].chain
    places = [Place(chain, sequence) for sequence in (1, 4, 5)]
    assert await store.evidence.coverage(places) == {}
    await store.checkpoint(signer=stranger)
    await recorded(store, 1)
    await store.checkpoint()
    assert await store.evidence.coverage(places) == {
        places[0]: Coverage(1, 4),
        places[1]: Coverage(1, 4),
        places[2]: Coverage(2, 5),
    }
    trusted = await store.evidence.coverage(places, [SIGNER.public_key])
    assert set(trusted.values()) == {Coverage(2, 5)}
    (second,) = await store.evidence.checkpoints([2, 99])
    assert (second.checkpoint.number, second.public_key) == (2, SIGNER.public_key)
    links = [entry async for entry in store.evidence.links(chain, 2, 5)]
    assert [entry.sequence for entry in links] == [2, 3, 4, 5]
    assert [entry.computed_digest() for entry in links] == [entry.digest for entry in links]


async def test_an_export_of_the_store_verifies(store: Store, tmp_path: Path) -> None:
    records = await recorded(store)
    policies, bundles = MemoryPolicies(), MemoryBundles()
    await policies.archive(POLICY_1)
    await bundles.archive(CHAMPION_FINGERPRINT, CHAMPION)
    products, clock = MemoryProducts(PERSONAL_LOAN), SystemClock()
    export = export_evidence_over(
        store.archive, store.evidence, store.checkpoints, store.events, products, policies, bundles, clock, SIGNER
    )
    selection = EvidenceSelection(identifiers=(records[0].decision_id, records[2].decision_id))
    for _ in range(2):  # the second has the events of the first
        place = tmp_path / "evidence.zip"
        place.write_bytes(await content_of(await export(selection, by=ARTHUR)))
        code, output = verify_in_clean_interpreter(place, "--key", SIGNER.public_key.hex())
        assert code == 0, output
        selection = EvidenceSelection(identifiers=(records[0].decision_id,))
