"""Records cannot be changed by mistake, and changes by intent are detected."""

import asyncpg
import pytest

from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.decision_rows import SEARCH_COLUMNS
from adapters.security.audit_signing import Ed25519Signer
from domain.audit.entry import ChainHead, IntegrityViolation
from support.builders import a_decision_record
from support.databases import SIGNER, Store

RECORDS = 5
WITHOUT_ENTRY = "it has no audit entry: it was inserted directly, or its entry was removed"


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
    """Change one row as a superuser can, bypassing the triggers."""
    status = await run(url, f"SET session_replication_role = replica; {statement}")
    assert status.endswith(" 1")


async def violations_found(store: Store) -> list[tuple[int | None, str]]:
    verification = await store.verify()
    return [(found.sequence, found.why) for found in verification.violations]


IS_THIRD = "decision_id = (SELECT subject FROM audit_entries WHERE sequence = 3)"


def update_third(change: str) -> str:
    """SQL that changes the third recorded decision."""
    return f"UPDATE decisions SET {change} WHERE {IS_THIRD}"  # noqa: S608 - a test's own text


DELETE_THIRD = f"DELETE FROM decisions WHERE {IS_THIRD}"  # noqa: S608 - a test's own text


async def test_an_unchanged_trail_verifies(postgres_store: Store) -> None:
    verification = await postgres_store.verify()
    assert (verification.chains, verification.entries, verification.violations) == (1, RECORDS, ())


async def test_a_changed_byte_in_a_document_is_detected(migrated_url: str, postgres_store: Store) -> None:
    await tamper(migrated_url, update_third("document = replace(document, 'referred', 'declined')"))
    assert await violations_found(postgres_store) == [(3, "the record was altered")]


@pytest.mark.parametrize("document", ["", "{}", "[]", "null", "not json", '{"decision": 1}'])
async def test_an_unreadable_document_is_detected(migrated_url: str, postgres_store: Store, document: str) -> None:
    await tamper(migrated_url, update_third(f"document = '{document}'"))
    assert await violations_found(postgres_store) == [(3, "the record was altered")]


CHANGES = {
    "decided_at": "decided_at + interval '1 microsecond'",
    "pd": "0.18",
    "score_points": "score_points + 1",
    "loan_amnt": "loan_amnt + 0.01",
    "term": "60",
    "recommended_amount": "recommended_amount - 0.01",
    "trial": "NULL",
}


@pytest.mark.parametrize("column", [column.name for column in SEARCH_COLUMNS if column.name != "decision_id"])
async def test_a_changed_column_is_detected(migrated_url: str, postgres_store: Store, column: str) -> None:
    change = CHANGES.get(column, f"{column} || 'x'")
    await tamper(migrated_url, update_third(f"{column} = {change}"))
    assert await violations_found(postgres_store) == [(3, "the record was altered")]


async def test_a_changed_identifier_is_detected(migrated_url: str, postgres_store: Store) -> None:
    await tamper(migrated_url, update_third("decision_id = gen_random_uuid()"))
    assert await violations_found(postgres_store) == [(3, "the record is missing"), (None, WITHOUT_ENTRY)]


async def test_a_consistent_change_of_document_and_column_is_detected(
    migrated_url: str, postgres_store: Store
) -> None:
    changed = "document = replace(document, 'referred', 'declined'), outcome = 'declined'"
    await tamper(migrated_url, update_third(changed))
    assert await violations_found(postgres_store) == [(3, "the record was altered")]


async def test_a_deleted_decision_is_detected(migrated_url: str, postgres_store: Store) -> None:
    await tamper(migrated_url, DELETE_THIRD)
    assert await violations_found(postgres_store) == [(3, "the record is missing")]


async def test_a_deleted_entry_is_detected(migrated_url: str, postgres_store: Store) -> None:
    await tamper(migrated_url, "DELETE FROM audit_entries WHERE sequence = 2")
    assert await violations_found(postgres_store) == [(3, "entry 2 is missing"), (None, WITHOUT_ENTRY)]


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
async def test_a_changed_entry_is_reported_at_its_position_first(
    migrated_url: str, postgres_store: Store, change: str
) -> None:
    await tamper(migrated_url, f"UPDATE audit_entries SET {change} WHERE sequence = 4")  # noqa: S608 - a test's own text
    assert (await violations_found(postgres_store))[0] == (4, "its digest does not match its content")


async def test_two_swapped_documents_are_both_detected(migrated_url: str, postgres_store: Store) -> None:
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
    assert [sequence for sequence, _ in await violations_found(postgres_store)] == [1, 2]


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
async def test_records_and_entries_cannot_be_changed_or_deleted(
    migrated_url: str, postgres_store: Store, table: str, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await run(migrated_url, statement.format(table))
    assert await violations_found(postgres_store) == []


@pytest.mark.parametrize("column", ["content_digest", "previous", "digest"])
async def test_a_digest_of_another_length_is_refused(migrated_url: str, column: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await tamper(migrated_url, f"UPDATE audit_entries SET {column} = '\\x00' WHERE sequence = 1")  # noqa: S608 - a test's own text


async def test_a_violation_names_chain_and_subject(migrated_url: str, postgres_store: Store) -> None:
    third = [entry async for entry, _ in postgres_store.trail.entries()][2]
    await tamper(migrated_url, DELETE_THIRD)
    verification = await postgres_store.verify()
    assert verification.violations == (IntegrityViolation(third.chain, 3, third.subject, "the record is missing"),)


class TestCheckpoints:
    """Changes that only checkpoints reveal: three decisions before the first checkpoint, two after it."""

    @pytest.fixture(autouse=True)
    async def two_checkpoints(self, on_record: None, postgres_store: Store) -> None:
        await postgres_store.checkpoint()
        for _ in range(2):
            await postgres_store.ledger.record(a_decision_record())
        await postgres_store.checkpoint()

    async def test_an_unchanged_trail_verifies(self, postgres_store: Store) -> None:
        found = await postgres_store.verify(trusted=(SIGNER.public_key,))
        assert (found.entries, found.checkpoints, found.violations) == (RECORDS + 2, 2, ())
        assert found.key == SIGNER.public_key.hex()

    async def test_a_removed_end_of_a_chain_is_detected(self, migrated_url: str, postgres_store: Store) -> None:
        await remove(migrated_url, "sequence >= 7")
        assert await violations_found(postgres_store) == [
            (7, "entry 7 of the chain cannot be found; checkpoint 2 covers them")
        ]

    async def test_a_removed_chain_is_detected(self, migrated_url: str, postgres_store: Store) -> None:
        await postgres_store.ledger.record_all([a_decision_record() for _ in range(3)])
        await postgres_store.checkpoint()
        (chain,) = (await postgres_store.checkpoints.last()).checkpoint.heads  # type: ignore[union-attr]
        await remove(migrated_url, f"chain = '{chain.chain}'")
        found = await postgres_store.verify()
        assert [one.chain for one in found.violations] == [chain.chain]
        assert (
            found.violations[0].why == "the whole chain, entries 1 to 3, cannot be found; checkpoint 3 covers them"
        )

    async def test_removal_of_everything_is_detected(self, migrated_url: str, postgres_store: Store) -> None:
        await remove(migrated_url, "true")
        assert len(await violations_found(postgres_store)) == 1

    async def test_a_rewritten_chain_with_valid_digests_is_detected(
        self, migrated_url: str, postgres_store: Store
    ) -> None:
        await forge(migrated_url, postgres_store, from_entry=6)
        assert await violations_found(postgres_store) == [(6, "entries 6 to 7 do not match checkpoint 2")]

    async def test_an_inserted_decision_without_entry_is_detected(
        self, migrated_url: str, postgres_store: Store
    ) -> None:
        columns = ", ".join(column.name for column in decisions.columns if column.name != "decision_id")
        await tamper(
            migrated_url,
            f"INSERT INTO decisions (decision_id, {columns}) "  # noqa: S608 - a test's own text
            f"SELECT gen_random_uuid(), {columns} FROM decisions LIMIT 1",
        )
        assert await violations_found(postgres_store) == [(None, WITHOUT_ENTRY)]

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE checkpoints SET at = at + interval '1 microsecond' WHERE number = 1",
            "UPDATE checkpoints SET signature = sha512(signature) WHERE number = 1",
            "UPDATE checkpoint_heads SET length = length - 1 WHERE number = 1",
            "UPDATE checkpoint_heads SET digest = sha256('') WHERE number = 1",
            "DELETE FROM checkpoint_heads WHERE number = 1",
        ],
    )
    async def test_a_changed_checkpoint_is_detected(
        self, migrated_url: str, postgres_store: Store, change: str
    ) -> None:
        await tamper(migrated_url, change)
        first = (await postgres_store.verify()).violations[0]
        assert (first.checkpoint, first.why) == (1, "its signature does not match its content")
        assert first.place == "checkpoint 1"

    async def test_a_deleted_checkpoint_is_detected(self, migrated_url: str, postgres_store: Store) -> None:
        await tamper(migrated_url, "DELETE FROM checkpoints WHERE number = 1")
        assert [one.why for one in (await postgres_store.verify()).violations] == ["checkpoint 1 is missing"]

    async def test_a_head_without_checkpoint_does_not_block_checkpoints(
        self, migrated_url: str, postgres_store: Store
    ) -> None:
        await tamper(
            migrated_url,
            "INSERT INTO checkpoint_heads SELECT chain, 1000000, 77, sha256('x') FROM checkpoint_heads LIMIT 1",
        )
        await postgres_store.ledger.record(a_decision_record())
        assert await postgres_store.checkpoint() is not None
        assert (await postgres_store.verify()).violations == ()

    async def test_a_head_inserted_for_the_next_checkpoint_does_not_block_it(
        self, migrated_url: str, postgres_store: Store
    ) -> None:
        await tamper(
            migrated_url,
            "INSERT INTO checkpoint_heads "
            "SELECT chain, length + 1, 77, digest FROM checkpoint_heads WHERE number = 2",
        )
        await postgres_store.ledger.record(a_decision_record())
        assert await postgres_store.checkpoint() is not None
        assert (await postgres_store.verify()).violations == ()

    async def test_a_head_without_a_checkpoint_is_refused(self, migrated_url: str) -> None:
        connection = await asyncpg.connect(migrated_url)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute(
                "INSERT INTO checkpoint_heads VALUES (gen_random_uuid(), 1000000, 77, sha256('x'))"
            )
        await connection.close()

    async def test_checkpoints_with_an_unknown_key_are_not_trusted(self, postgres_store: Store) -> None:
        await postgres_store.ledger.record(a_decision_record())
        unknown_key = Ed25519Signer(b"x" * 32)
        await postgres_store.checkpoint(signer=unknown_key)
        for found in (await postgres_store.verify(), await postgres_store.verify((SIGNER.public_key,))):
            assert [one.checkpoint for one in found.violations] == [3]
            assert unknown_key.public_key.hex() in found.violations[0].why

    @pytest.mark.parametrize("table", ["checkpoints", "checkpoint_heads"])
    async def test_checkpoints_cannot_be_changed_or_deleted(self, migrated_url: str, table: str) -> None:
        for statement in ("DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET number = 9"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                await run(migrated_url, statement.format(table))


async def remove(url: str, which: str) -> None:
    """Remove entries together with their decisions."""
    await run(
        url,
        "SET session_replication_role = replica; "  # noqa: S608 - a test's own text
        f"DELETE FROM decisions WHERE decision_id IN (SELECT subject FROM audit_entries WHERE {which}); "
        f"DELETE FROM audit_entries WHERE {which}",
    )


async def forge(url: str, store: Store, *, from_entry: int) -> None:
    """Rewrite a chain from an entry on, with another user and valid digests."""
    head = None
    for entry, document in [pair async for pair in store.trail.entries()]:
        if entry.sequence < from_entry:
            head = ChainHead(entry.chain, entry.sequence, entry.digest)
            continue
        assert head is not None
        assert document is not None
        forged, head = head.append(
            at=entry.at, actor="nobody", action=entry.action, subject=entry.subject, document=document
        )
        await tamper(
            url,
            f"UPDATE audit_entries SET actor = 'nobody', previous = '\\x{forged.previous.hex()}', "  # noqa: S608 - a test's own text
            f"digest = '\\x{forged.digest.hex()}' WHERE sequence = {entry.sequence}",
        )
