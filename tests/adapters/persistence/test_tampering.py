"""What is on record cannot be changed by mistake, and not unnoticed by intent."""

import asyncpg
import pytest

from adapters.persistence.decision_rows import SEARCHED
from application.use_cases.verify_audit_trail import VerifyAuditTrail
from builders import a_decision_record, an_actor
from databases import Store
from domain.access.user import Role
from domain.audit.entry import Break

WHO = an_actor(role=Role.AUDITOR)
RECORDS = 5


@pytest.fixture(autouse=True)
async def on_record(postgres_store: Store) -> None:
    for _ in range(RECORDS):
        await postgres_store.ledger.record(a_decision_record())


async def run(url: str, statement: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        status: str = await connection.execute(statement)
        return status
    finally:
        await connection.close()


async def tamper(url: str, statement: str) -> None:
    """Change one row the way a superuser can, past the triggers."""
    status = await run(url, f"SET session_replication_role = replica; {statement}")
    assert status.endswith(" 1")


async def breaks_found(store: Store) -> list[tuple[int, str]]:
    verification = await VerifyAuditTrail(store.trail)(by=WHO)
    return [(found.sequence, found.why) for found in verification.breaks]


IS_THIRD = "decision_id = (SELECT subject FROM audit_entries WHERE sequence = 3)"


def update_third(change: str) -> str:
    """SQL that changes the third decision on record."""
    return f"UPDATE decisions SET {change} WHERE {IS_THIRD}"  # noqa: S608 - a test's own text


DELETE_THIRD = f"DELETE FROM decisions WHERE {IS_THIRD}"  # noqa: S608 - a test's own text


async def test_an_untouched_trail_is_whole(postgres_store: Store) -> None:
    verification = await VerifyAuditTrail(postgres_store.trail)(by=WHO)
    assert (verification.chains, verification.entries, verification.breaks) == (1, RECORDS, ())


async def test_one_changed_byte_of_a_document_is_found(migrated_url: str, postgres_store: Store) -> None:
    await tamper(migrated_url, update_third("document = replace(document, 'referred', 'declined')"))
    assert await breaks_found(postgres_store) == [(3, "the record it vouches for was changed")]


@pytest.mark.parametrize("document", ["", "{}", "[]", "null", "not json", '{"decision": 1}'])
async def test_a_document_changed_beyond_reading_is_found(
    migrated_url: str, postgres_store: Store, document: str
) -> None:
    await tamper(migrated_url, update_third(f"document = '{document}'"))
    assert await breaks_found(postgres_store) == [(3, "the record it vouches for was changed")]


CHANGES = {
    "decided_at": "decided_at + interval '1 microsecond'",
    "pd": "0.18",
    "score_points": "score_points + 1",
    "loan_amnt": "loan_amnt + 0.01",
    "term": "60",
    "recommended_amount": "recommended_amount - 0.01",
}


@pytest.mark.parametrize("column", [column.name for column in SEARCHED if column.name != "decision_id"])
async def test_a_changed_column_is_found(migrated_url: str, postgres_store: Store, column: str) -> None:
    change = CHANGES.get(column, f"{column} || 'x'")
    await tamper(migrated_url, update_third(f"{column} = {change}"))
    assert await breaks_found(postgres_store) == [(3, "the record it vouches for was changed")]


async def test_a_decision_under_another_identifier_is_found(migrated_url: str, postgres_store: Store) -> None:
    await tamper(migrated_url, update_third("decision_id = gen_random_uuid()"))
    assert await breaks_found(postgres_store) == [(3, "the record it vouches for is missing")]


async def test_a_decision_changed_in_document_and_column_alike_is_found(
    migrated_url: str, postgres_store: Store
) -> None:
    changed = "document = replace(document, 'referred', 'declined'), outcome = 'declined'"
    await tamper(migrated_url, update_third(changed))
    assert await breaks_found(postgres_store) == [(3, "the record it vouches for was changed")]


async def test_a_deleted_decision_is_found(migrated_url: str, postgres_store: Store) -> None:
    await tamper(migrated_url, DELETE_THIRD)
    assert await breaks_found(postgres_store) == [(3, "the record it vouches for is missing")]


async def test_a_deleted_entry_is_found(migrated_url: str, postgres_store: Store) -> None:
    await tamper(migrated_url, "DELETE FROM audit_entries WHERE sequence = 2")
    assert await breaks_found(postgres_store) == [(3, "entry 2 is missing")]


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nobody'",
        "action = 'nothing'",
        "at = at + interval '1 microsecond'",
        "subject = gen_random_uuid()",
        "content_digest = sha256('')",
        "digest = sha256('')",
    ],
)
async def test_a_changed_entry_is_found_first_where_it_stands(
    migrated_url: str, postgres_store: Store, change: str
) -> None:
    await tamper(migrated_url, f"UPDATE audit_entries SET {change} WHERE sequence = 4")  # noqa: S608 - a test's own text
    assert (await breaks_found(postgres_store))[0] == (4, "its digest does not match its content")


async def test_two_swapped_documents_are_both_found(migrated_url: str, postgres_store: Store) -> None:
    connection = await asyncpg.connect(migrated_url)
    await connection.execute(
        """
        SET session_replication_role = replica;
        UPDATE decisions SET document = other.document
        FROM decisions AS other, audit_entries AS mine, audit_entries AS its
        WHERE decisions.decision_id = mine.subject AND other.decision_id = its.subject
        AND (mine.sequence, its.sequence) IN ((1, 2), (2, 1))
        """
    )
    await connection.close()
    assert [sequence for sequence, _ in await breaks_found(postgres_store)] == [1, 2]


@pytest.mark.parametrize("table", ["decisions", "audit_entries"])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "DELETE FROM {} WHERE false",
        "TRUNCATE {}",
        "TRUNCATE decisions, audit_entries",
        "UPDATE decisions SET channel = 'web'",
        "UPDATE audit_entries SET actor = 'nobody'",
    ],
)
async def test_records_and_entries_can_neither_be_changed_nor_deleted(
    migrated_url: str, postgres_store: Store, table: str, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await run(migrated_url, statement.format(table))
    assert await breaks_found(postgres_store) == []


@pytest.mark.parametrize("column", ["content_digest", "previous", "digest"])
async def test_a_digest_is_never_of_another_length(migrated_url: str, column: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await tamper(migrated_url, f"UPDATE audit_entries SET {column} = '\\x00' WHERE sequence = 1")  # noqa: S608 - a test's own text


async def test_the_verdict_names_chain_and_subject(migrated_url: str, postgres_store: Store) -> None:
    third = [entry async for entry, _ in postgres_store.trail.entries()][2]
    await tamper(migrated_url, DELETE_THIRD)
    verification = await VerifyAuditTrail(postgres_store.trail)(by=WHO)
    assert verification.breaks == (Break(third.chain, 3, third.subject, "the record it vouches for is missing"),)
