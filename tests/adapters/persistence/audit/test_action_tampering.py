"""Changes of actions on cases and applications, and of final decisions, are detected."""

import pytest

from domain.audit.subject import SubjectKind
from support.actions import IDENTIFIERS, ROWS, record_actions
from support.databases import Store
from support.engines import execute

WITHOUT_ENTRY = "it has no audit entry: it was inserted directly, or its entry was removed"
COLUMNS = [
    (action, column)
    for action, (_, _, row) in ROWS.items()
    for column in (*row, *(["kind"] if "actor" in row else []))
    if column != IDENTIFIERS[action]
]
CHANGES = {
    "number": "number + 1",
    "dwell_seconds": "dwell_seconds + 1",
    "at": "at + interval '1 microsecond'",
    "decided_at": "decided_at + interval '1 microsecond'",
    "case_id": "gen_random_uuid()",
    "application_id": "gen_random_uuid()",
    "decision_id": "gen_random_uuid()",
}


def tamper(url: str, statement: str) -> None:
    execute(url, f"SET session_replication_role = replica; {statement}")


@pytest.fixture(autouse=True)
async def on_record(migrated_url: str, postgres_store: Store) -> None:
    await record_actions(migrated_url)


async def found(store: Store) -> list[tuple[SubjectKind, str]]:
    return [(one.kind, one.why) for one in (await store.verify()).violations]


async def test_unchanged_actions_verify(postgres_store: Store) -> None:
    verification = await postgres_store.verify()
    assert (verification.chains, verification.entries, verification.violations) == (1, 3, ())


@pytest.mark.parametrize(("action", "column"), COLUMNS)
async def test_a_changed_column_is_detected(
    migrated_url: str, postgres_store: Store, action: str, column: str
) -> None:
    table, kind, _ = ROWS[action]
    change = CHANGES.get(column, f"{column} || 'x'")
    tamper(migrated_url, f"UPDATE {table} SET {column} = {change}")  # noqa: S608 - a test's own text
    why = "the record is missing" if column == "kind" else "the record was altered"
    assert await found(postgres_store) == [(kind, why)]


@pytest.mark.parametrize("document", ["", "[]", "{}", "not json"])
@pytest.mark.parametrize("action", ROWS)
async def test_a_changed_document_is_detected(
    migrated_url: str, postgres_store: Store, action: str, document: str
) -> None:
    table, kind, _ = ROWS[action]
    tamper(migrated_url, f"UPDATE {table} SET document = '{document}'")  # noqa: S608 - a test's own text
    assert await found(postgres_store) == [(kind, "the record was altered")]


@pytest.mark.parametrize("action", ROWS)
async def test_a_removed_record_is_detected(migrated_url: str, postgres_store: Store, action: str) -> None:
    table, kind, _ = ROWS[action]
    tamper(migrated_url, f"DELETE FROM {table}")  # noqa: S608 - a test's own text
    assert await found(postgres_store) == [(kind, "the record is missing")]


@pytest.mark.parametrize("action", ROWS)
async def test_an_inserted_record_is_detected(migrated_url: str, postgres_store: Store, action: str) -> None:
    table, kind, _ = ROWS[action]
    names = ", ".join(table.c.keys())
    fresh = {IDENTIFIERS[action]: "gen_random_uuid()", "number": "2", "case_id": "gen_random_uuid()"}
    values = ", ".join(fresh.get(name, name) for name in table.c.keys())  # noqa: SIM118 - not a dict
    tamper(migrated_url, f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}")  # noqa: S608 - as above
    assert await found(postgres_store) == [(kind, WITHOUT_ENTRY)]
