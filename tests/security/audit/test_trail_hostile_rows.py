"""Rows that the service's role may insert, with values that a program could fail to read or misinterpret."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.persistence.audit.stored_versions import PostgresStoredVersions
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.privileges import API
from adapters.persistence.database.service_roles import grant_privileges
from adapters.system import SystemClock
from domain.access.user import Actor, Role
from domain.audit.entry import ChainHead
from domain.audit.subject import DECISION_RECORDED
from domain.audit.verified_position import Scope
from support.builders import A_MOMENT, a_decision_record, an_identifier
from support.databases import SIGNER, Store, a_login, connected

AUDITOR = Actor("arthur", Role.AUDITOR)
UNREADABLE_TIMES = ["infinity", "-infinity", "294276-12-31 UTC", "4713-01-01 BC UTC"]
HASH = "sha256('')"
NESTED = "[" * 200_000


@pytest.fixture
async def service_url(migrated_url: str) -> AsyncIterator[str]:
    """The address of a login with the privileges of the running API only."""
    await grant_privileges(migrated_url)
    with a_login(migrated_url, f"IN ROLE {API}") as url:
        yield url


async def insert(url: str, statement: str, *arguments: object) -> None:
    async with connected(url) as connection:
        await connection.execute(statement, *arguments)


@pytest.mark.parametrize("at", UNREADABLE_TIMES)
async def test_a_checkpoint_with_an_unrepresentable_time_is_refused(
    service_url: str, postgres_store: Store, at: str
) -> None:
    await postgres_store.ledger.record(a_decision_record())
    with pytest.raises(asyncpg.CheckViolationError, match="at_is_plausible"):
        await insert(
            service_url,
            "INSERT INTO checkpoints (number, at, previous, public_key, signature) "  # noqa: S608 - a test's own text
            f"VALUES (1, '{at}', sha256(''), '\\x{SIGNER.public_key.hex()}', sha512(''))",
        )
    assert await postgres_store.checkpoint()
    assert await postgres_store.violations() == []


@pytest.mark.parametrize("at", UNREADABLE_TIMES)
async def test_an_audit_entry_with_an_unrepresentable_time_is_refused(service_url: str, at: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="at_is_plausible"):
        await insert(
            service_url,
            "INSERT INTO audit_entries "  # noqa: S608 - a test's own text
            "(chain, sequence, at, actor, action, subject, content_digest, previous, digest) VALUES "
            f"(gen_random_uuid(), 1, '{at}', 'mallory', 'x', gen_random_uuid(), {HASH}, {HASH}, {HASH})",
        )


@pytest.mark.parametrize("at", UNREADABLE_TIMES)
async def test_a_decision_with_an_unrepresentable_time_is_refused(
    service_url: str, postgres_store: Store, at: str
) -> None:
    await postgres_store.ledger.record(a_decision_record())
    with pytest.raises(asyncpg.CheckViolationError, match="decided_at_is_plausible"):
        await insert(service_url, copy_of_the_decision("gen_random_uuid()", decided_at=f"'{at}'"))


@pytest.mark.parametrize(
    "values",
    [{"recommended_amount": "'NaN'"}, {"loan_amnt": "'NaN'"}, {"pd": "'NaN'"}, {"document": f"'{NESTED}'"}],
    ids=lambda values: next(iter(values)),
)
async def test_a_decision_that_cannot_be_compared_is_reported(
    service_url: str, postgres_store: Store, values: dict[str, str]
) -> None:
    record = a_decision_record()
    await postgres_store.ledger.record(record)
    added = uuid4()
    own_document = (await document_of(service_url, record.decision_id)).replace(
        str(record.decision_id).encode(), str(added).encode()
    )  # else the identifier would differ too
    document = values.get("document", "").strip("'").encode() or own_document
    await insert(
        service_url, copy_of_the_decision(f"'{added}'", **{"document": f"'{document.decode()}'"} | values)
    )
    await insert_entry(service_url, added, document)
    found = await postgres_store.violations()
    # A document that cannot be read cannot be compared with its columns, but it matches the digest of its entry.
    assert [(one.subject, one.why) for one in found] == (
        [] if "document" in values else [(added, "the record was altered")]
    )


async def test_deeply_nested_documents_are_invalid_policies_and_name_no_versions(
    service_url: str, postgres_store: Store
) -> None:
    document = '{"rules": ' + NESTED
    await insert(
        service_url,
        "INSERT INTO scoring_policies (fingerprint, version, document) VALUES ($1, 'x', $2)",
        sha256(document.encode()).hexdigest(),
        document,
    )
    engine = database_engine(service_url)
    versions = PostgresStoredVersions(engine)
    ((_, fault),) = [each async for each in versions.all()]
    await engine.dispose()
    assert "is not a policy" in fault
    assert versions.named_in(('{"x": ' + NESTED).encode()) == ()


async def test_heads_cannot_be_added_to_an_existing_checkpoint(service_url: str, postgres_store: Store) -> None:
    await postgres_store.ledger.record_all([a_decision_record() for _ in range(2)])
    made = await postgres_store.checkpoint()
    assert made is not None
    await insert_entry(service_url, uuid4(), b"")
    with pytest.raises(asyncpg.CheckViolationError, match="checkpoint 1 was made before"):
        await insert(
            service_url,
            "INSERT INTO checkpoint_heads (chain, length, number, digest) "
            "SELECT chain, sequence, 1, digest FROM audit_entries WHERE actor = 'mallory'",
        )
    assert {one.checkpoint for one in await postgres_store.violations()} == {None}


@pytest.mark.parametrize("amount", ["Infinity", "1e30"])
async def test_a_decision_with_an_amount_that_cannot_be_stored_is_refused(
    service_url: str, postgres_store: Store, amount: str
) -> None:
    await postgres_store.ledger.record(a_decision_record())
    with pytest.raises((asyncpg.FeatureNotSupportedError, asyncpg.NumericValueOutOfRangeError)):
        await insert(service_url, copy_of_the_decision("gen_random_uuid()", loan_amnt=f"'{amount}'"))
    assert await postgres_store.violations() == []


def copy_of_the_decision(decision_id: str, **values: str) -> str:
    names = (
        *("decided_at", "requested_by", "role", "channel", "outcome", "pd", "score_points", "grade", "confidence"),
        *("loan_amnt", "term", "purpose", "recommended_amount", "model_version", "policy_version", "document"),
    )
    selected = ", ".join(values.get(name, name) for name in names)
    return (
        f"INSERT INTO decisions (decision_id, {', '.join(names)}) "  # noqa: S608 - a test's own text
        f"SELECT {decision_id}, {selected} FROM decisions LIMIT 1"
    )


async def document_of(url: str, decision_id: UUID) -> bytes:
    async with connected(url) as connection:
        document: Any = await connection.fetchval(
            "SELECT document FROM decisions WHERE decision_id = $1", decision_id
        )
        return bytes(document.encode())


async def insert_entry(url: str, subject: UUID, document: bytes) -> None:
    """Add a valid entry on a new chain."""
    entry, _ = ChainHead(uuid4()).append(
        at=max(A_MOMENT, datetime(2000, 1, 1, tzinfo=UTC)),
        actor="mallory",
        action=DECISION_RECORDED,
        subject=subject,
        document=document,
    )
    await insert(
        url,
        "INSERT INTO audit_entries "
        "(chain, sequence, at, actor, action, subject, content_digest, previous, digest) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        entry.chain,
        entry.sequence,
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.content_digest,
        entry.previous,
        entry.digest,
    )


@pytest.mark.parametrize("whole", [True, False])
async def test_a_second_entry_for_a_decision_is_reported(
    service_url: str, postgres_store: Store, *, whole: bool
) -> None:
    """It would name another actor and time, and the overview would count the decision twice."""
    record = a_decision_record(decision_id=an_identifier(datetime.now(UTC)))
    await postgres_store.ledger.record(record)
    await postgres_store.checkpoint()
    audit = postgres_store.audit(SystemClock())
    assert (await audit.verify_audit_trail(by=AUDITOR)).violations == ()
    await insert_entry(service_url, record.decision_id, await document_of(service_url, record.decision_id))
    found = await audit.verify_audit_trail(by=AUDITOR, whole=whole)
    assert found.scope is (Scope.WHOLE if whole else Scope.INCREMENTAL)
    assert [(each.subject, "more than one audit entry" in each.why) for each in found.violations] == [
        (record.decision_id, True)
    ]
