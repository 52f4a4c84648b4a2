"""A decision whose document cannot be read is shown as such, and fails nothing else."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.persistence.decisions.documents import DECISION, decode, encode
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.persistence.monitoring.decision_aggregates import PostgresDecisionAggregates
from application.ports.decisions.decision_archive import DecisionFilter
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.monitoring.overview_filter import OverviewFilter
from domain.monitoring.period import Period
from domain.stored_document import UnreadableDocument
from support.builders import a_decision_record
from support.databases import Store, connected, ledger_at

OTHER = a_decision_record()
LONG = "".join(f"{number:x}" for number in range(20_000))


def changed(**members: object) -> str:
    """The document of a decision with other members."""
    return json.dumps(json.loads(encode(a_decision_record())) | members, separators=(",", ":"))


def without(member: str) -> str:
    """The document of a decision without a member."""
    content = json.loads(encode(a_decision_record()))
    del content[member]
    return json.dumps(content)


DAMAGED = {
    "truncated": (encode(a_decision_record())[:-100].decode(), "not_json"),
    "empty": ("", "not_json"),
    "not JSON": ("<html>", "not_json"),
    "nested without end": ('{"application": ' + "[" * 5000, "not_json"),
    "a list": ("[1, 2]", "invalid_content"),
    "other kind": (changed(kind="policy", schema=1), "other_kind"),
    "later schema": (changed(kind="decision", schema=999), "unknown_schema"),
    "schema that is no number": (changed(kind="decision", schema="two"), "invalid_content"),
    "schema below 1": (changed(kind="decision", schema=0), "unknown_schema"),
    "missing member": (without("prediction"), "invalid_content"),
    "missing application": (without("application"), "invalid_content"),
    "wrong type": (changed(decision="approved"), "invalid_content"),
    "unknown outcome": (changed(requested_by={"name": "marta", "role": "emperor"}), "invalid_content"),
    "NUL instead of an identifier": (changed(decision_id="\0"), "invalid_content"),
    "document of another decision": (encode(OTHER).decode(), "other_record"),
    "endless reason": (changed(decision={"reasons": [{"code": LONG}]}), "invalid_content"),
    "huge": (json.dumps({"decision_id": "x" * 1_000_000}), "too_large"),
}


@dataclass
class Counts:
    """Counts of unreadable documents."""

    counted: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, kind: str, fault: str) -> None:
        self.counted.append((kind, fault))


async def store_document(url: str, decision_id: UUID, document: str) -> None:
    """Replace a decision's document, as a user with all rights to the database could."""
    async with connected(url) as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            "UPDATE decisions SET document = $2 WHERE decision_id = $1", decision_id, document
        )


async def damaged_among_others(store: Store, url: str) -> tuple[list[DecisionRecord], dict[UUID, str]]:
    """Records, of which all but the first and the last are damaged; the faults by identifier."""
    records = [a_decision_record() for _ in range(len(DAMAGED) + 2)]
    await store.ledger.record_all(records)
    faults = {}
    for record, (document, fault) in zip(records[1:-1], DAMAGED.values(), strict=True):
        await store_document(url, record.decision_id, document)
        faults[record.decision_id] = fault
    return records, faults


async def test_damaged_decisions_are_listed_and_found_as_unreadable_among_the_others(
    postgres_store: Store, migrated_url: str, caplog
) -> None:
    records, faults = await damaged_among_others(postgres_store, migrated_url)
    counts, engine = Counts(), database_engine(migrated_url)
    archive = PostgresDecisionArchive(engine, UnreadableDocuments(counts))
    try:
        page = await archive.page(DecisionFilter(), limit=50)
        listed = list(counts.counted)
        found = [await archive.find(record.decision_id) for record in records]
    finally:
        await engine.dispose()
    assert page.total == len(page.records) == len(records)
    assert set(page.records) == set(found)
    assert (found[0], found[-1]) == (records[0], records[-1])
    for record, unreadable, (document, fault) in zip(records[1:-1], found[1:-1], DAMAGED.values(), strict=True):
        digest = None if fault == "too_large" else sha256(document.encode()).hexdigest()
        assert isinstance(unreadable, UnreadableDecision)
        assert (unreadable.decision_id, unreadable.digest) == (record.decision_id, digest)
        assert (unreadable.decided_at, unreadable.requested_by) == (record.decided_at, record.requested_by.name)
    assert sorted(listed) == sorted(("decision", fault) for fault in faults.values())
    assert sorted(counts.counted) == sorted([*listed, *listed])
    logged = [each.getMessage() for each in caplog.records if "cannot be read" in each.getMessage()]
    assert len(logged) == len(faults)
    assert all(any(str(decision_id) in line for line in logged) for decision_id in faults)
    assert max(map(len, logged)) < 400


async def test_the_overview_counts_damaged_decisions_by_their_columns(
    postgres_store: Store, migrated_url: str
) -> None:
    records, _ = await damaged_among_others(postgres_store, migrated_url)
    at = records[0].decided_at
    period = Period.between(at - timedelta(hours=1), at + timedelta(hours=1))
    engine = database_engine(migrated_url)
    try:
        for _ in range(2):  # from the documents, then from aggregates
            found = await postgres_store.figures.over(period, OverviewFilter(include_trials=True))
            assert found.outcomes.total == len(records)
            assert found.requested == Money(len(records) * records[0].application.terms.amount.cents)
            await PostgresDecisionAggregates(engine).add_next(10_000)
        assert await PostgresDecisionAggregates(engine).pending() == 0
    finally:
        await engine.dispose()


async def test_the_audit_trail_names_damaged_decisions_and_verifies_the_others(
    postgres_store: Store, migrated_url: str
) -> None:
    _, faults = await damaged_among_others(postgres_store, migrated_url)
    assert {violation.subject for violation in await postgres_store.violations()} == set(faults)


async def test_repeating_a_request_whose_decision_is_damaged_decides_nothing(migrated_url: str) -> None:
    claims = [(a_decision_record(), Claim("portal", str(each), b"f" * 32)) for each in range(len(DAMAGED))]
    async with ledger_at(migrated_url) as ledger:
        await ledger.record_each(claims)
    for (first, _), (document, _) in zip(claims, DAMAGED.values(), strict=True):
        await store_document(migrated_url, first.decision_id, document)
    async with ledger_at(migrated_url) as ledger:
        outcomes = await ledger.record_each([(a_decision_record(), claim) for _, claim in claims])
    assert [type(outcome) for outcome in outcomes] == [OriginalResponseUnavailable] * len(DAMAGED)


def test_what_is_written_states_the_current_schema() -> None:
    content = json.loads(encode(a_decision_record()))
    assert (content.get("kind", "decision"), content.get("schema", 1)) == ("decision", DECISION.schema)


def test_the_reason_names_the_place_of_a_fault() -> None:
    with pytest.raises(UnreadableDocument, match=r"Expected `object`, got `str` - at `\$.decision`"):
        decode(changed(decision="approved"), UUID(int=0))
