"""The database of every release migrates to the current schema while decisions are made on it.

`releases` has the database of each release; `python -m harness.release_dump` adds the current one.
"""

import asyncio
import importlib.util
import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.embedded import EmbeddedPostgres
from adapters.persistence.database.migrations import (
    FIRST_RELEASE,
    MIGRATIONS,
    MigrationBlocked,
    current_revision,
    head_revision,
    migrate,
)
from adapters.persistence.decisions import chained_writer
from adapters.persistence.decisions.decision_rows import SEARCH_COLUMNS
from adapters.persistence.decisions.recording import record_statement
from adapters.persistence.operations.postgres_dumps import PostgresDumps
from adapters.system import TimeOrderedIdentifiers
from domain.access.user import Role
from domain.applications.application_identity import NO_IDENTITY
from domain.audit.checkpoint_copy import CheckpointCopy
from harness.release_dump import OUTCOMES, RELEASES, SECRET
from harness.running_service import Service
from support.builders import a_decision_record
from support.databases import Store, connected, postgres_store_at
from support.migration_watch import migration_watch

STORED = sorted(folder for folder in RELEASES.iterdir() if folder.is_dir())
COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = 'decisions'::regclass AND attnum > 0"
LONGEST_LOCK = 1.0
"""Seconds that decisions may be unable to proceed during a migration, on a small database."""


def expected_of(release: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((release / "expected.json").read_text())
    return content


async def restored(release: Path, url: str) -> None:
    programs = EmbeddedPostgres.wheel.program_for(None).parent
    await PostgresDumps(url, [programs]).restore(release / "database.dump", lambda share, text: None)


@asynccontextmanager
async def traffic(store: Store) -> AsyncIterator[list[float]]:
    """Decisions one after another, each read again; yields their durations in seconds."""
    seconds: list[float] = []
    stopping = False

    async def decide() -> None:
        while not stopping:
            started = time.monotonic()
            record = a_decision_record(
                decision_id=TimeOrderedIdentifiers().new(), identity=NO_IDENTITY, trial=False
            )
            await store.ledger.record(record)
            assert await store.archive.find(record.decision_id) == record
            seconds.append(time.monotonic() - started)

    deciding = [asyncio.create_task(decide()) for _ in range(4)]
    try:
        await _until(seconds, 10)
        yield seconds
        await _until(seconds, len(seconds) + 10)
    finally:
        stopping = True
    await asyncio.gather(*deciding)


async def _until(seconds: list[float], count: int) -> None:
    deadline = time.monotonic() + 30
    while len(seconds) < count:
        assert time.monotonic() < deadline, "no decisions are made"
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("release", STORED, ids=lambda folder: folder.name)
async def test_a_release_migrates_under_traffic(
    release: Path, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the current schema, and by one more migration, so that there is always one."""
    expected = expected_of(release)
    await restored(release, database_url)
    async with connected(database_url) as connection:
        existing = [row["attname"] for row in await connection.fetch(COLUMNS)]
    columns = [column for column in SEARCH_COLUMNS if column.name in existing]
    monkeypatch.setattr(chained_writer, "RECORD", record_statement(columns))  # as the release records
    assert await current_revision(database_url) == expected["database"]["revision"]
    async with postgres_store_at(database_url) as store, migration_watch(database_url) as watch:
        further = with_migration(tmp_path, "ALTER TABLE decisions ADD COLUMN branch text")
        async with traffic(store) as seconds:
            await migrate(database_url)
            assert await current_revision(database_url) == head_revision()
            await migrate(database_url, migrations_dir=further)
        assert await current_revision(database_url) == head_revision(further)
        copy = CheckpointCopy.read(expected["database"]["last_checkpoint"])
        verification = await store.verify(copies=[copy])
        assert verification.violations == ()
        decisions = verification.entries - verification.events
        assert decisions == expected["database"]["counts"]["decisions"] + len(seconds)
    assert watch.rewritten == []
    assert watch.longest < LONGEST_LOCK, watch.blocked


@pytest.mark.timeout(120)
@pytest.mark.parametrize("release", STORED, ids=lambda folder: folder.name)
async def test_a_release_is_answered_for_as_before(release: Path, database_url: str, tmp_path: Path) -> None:
    """The current release reads, reproduces and verifies what the earlier one recorded."""
    expected = expected_of(release)
    await restored(release, database_url)
    settings = {"SCORING_DATABASE_URL": database_url, "SCORING_SECRET_KEY": SECRET}
    service = await asyncio.to_thread(Service, tmp_path / "data", without=("ui", "worker"), **settings)
    try:
        answered = {decision["prediction"]["outcome"] for decision in expected["decisions"].values()}
        assert answered == set(OUTCOMES)
        for number, (decision_id, recorded) in enumerate(expected["decisions"].items()):
            assert contains(service.get(f"/api/v1/decisions/{decision_id}"), recorded)
            if number % 4 == 0:
                auditor = service.authorization_of("arthur", Role.AUDITOR)
                again = service.get(f"/api/v1/decisions/{decision_id}/reproduction", authorization=auditor)
                assert again["identical"] is True
        assert contains(service.get(f"/api/v1/batches/{expected['batch']['batch_id']}"), expected["batch"])
        assert service.run("users", "list").stdout.splitlines()[:6] == expected["users"][:6]
        assert service.run("policies", "list").stdout.startswith("policy 1  ")
        verified = service.run("audit", "verify")
        assert (verified.returncode, "no issues" in verified.stdout) == (0, True), verified.stdout
        assert "Verified what was added since" not in verified.stdout  # chains of earlier releases, entirely
        service.decide()
        await asyncio.to_thread(service.run, "audit", "checkpoint")
        added = service.run("audit", "verify")
        assert (added.returncode, "no issues" in added.stdout) == (0, True), added.stdout
        assert "Verified what was added since" in added.stdout
        entries = [int(run.stdout.split()[0].replace(",", "")) for run in (verified, added)]
        assert entries[1] < entries[0]
    finally:
        service.close()


def contains(answer: Any, recorded: Any) -> bool:
    """Whether an answer has everything that was answered before; a later release may add fields."""
    if isinstance(recorded, dict):
        return isinstance(answer, dict) and all(
            name in answer and contains(answer[name], value) for name, value in recorded.items()
        )
    return bool(answer == recorded)


def later_migrations() -> list[Path]:
    return [
        file
        for file in sorted((MIGRATIONS / "versions").glob("[0-9]*_*.py"))
        if file.name.partition("_")[0] > FIRST_RELEASE
    ]


def fault_of(migration: Path) -> str:
    """What the migration lacks to run while an earlier release decides; empty if nothing."""
    spec = importlib.util.spec_from_file_location(migration.stem, migration)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    phase = getattr(module, "phase", None)
    if phase == "expand":
        return ""
    if phase != "contract":
        return 'it must declare phase = "expand" or phase = "contract"'
    since = getattr(module, "unused_since", None)
    stored = {folder.name for folder in STORED}
    return "" if since in stored else f"unused_since must name a release with a stored database: {sorted(stored)}"


def test_every_migration_since_the_first_release_declares_its_phase() -> None:
    assert {file.name: fault for file in later_migrations() if (fault := fault_of(file))} == {}


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ("", "must declare phase"),
        ("phase = 'both'", "must declare phase"),
        ("phase = 'expand'", ""),
        ("phase = 'contract'", "unused_since must name"),
        ("phase, unused_since = 'contract', '9.9.9'", "unused_since must name"),
        ("phase, unused_since = 'contract', '0.1.0'", ""),
    ],
)
def test_a_migration_that_breaks_the_rule_is_found(tmp_path: Path, declared: str, fault: str) -> None:
    (tmp_path / "0013_new.py").write_text(f"{declared}\n")
    found = fault_of(tmp_path / "0013_new.py")
    assert fault in found
    assert bool(found) == bool(fault)


def with_migration(folder: Path, *statements: str) -> Path:
    """The project's migrations and one more."""
    copy = folder / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    following = f"{int(head_revision()) + 1:04}"
    steps = "".join(f"    op.execute({statement!r})\n" for statement in statements)
    (copy / "versions" / f"{following}_next.py").write_text(
        f"from alembic import op\nrevision, down_revision = {following!r}, {head_revision()!r}\n"
        f"branch_labels = depends_on = None\nphase = 'expand'\n\n\ndef upgrade():\n{steps}"
    )
    return copy


@pytest.mark.parametrize(
    ("statement", "rewrites", "blocks"),
    [
        ("ALTER TABLE decisions ADD COLUMN branch text", False, False),
        ("ALTER TABLE decisions ADD COLUMN branch text; SELECT pg_sleep(1.5)", False, True),
        ("ALTER TABLE audit_entries ALTER COLUMN sequence TYPE numeric", True, False),
        ("CREATE INDEX slow ON audit_entries (at); SELECT pg_sleep(1.5)", False, True),
    ],
    ids=["quick", "long lock", "rewrite", "index"],
)
async def test_a_migration_that_stops_decisions_is_found(
    own_migrated_url: str, tmp_path: Path, statement: str, rewrites: bool, blocks: bool
) -> None:
    """The watch of `test_a_release_migrates_under_traffic` sees what it must."""
    async with postgres_store_at(own_migrated_url) as store, migration_watch(own_migrated_url) as watch:
        await store.ledger.record(a_decision_record(decision_id=TimeOrderedIdentifiers().new()))
        folder = with_migration(tmp_path, *statement.split("; "))
        await migrate(own_migrated_url, migrations_dir=folder)
    assert bool(watch.rewritten) == rewrites
    assert (watch.longest >= LONGEST_LOCK) == blocks


async def test_a_migration_waits_for_readers_without_stopping_decisions(
    own_migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "adapters.persistence.database.migrations"
    monkeypatch.setattr(f"{module}._LOCK_TIMEOUT", "SET LOCAL lock_timeout = '200ms'")
    monkeypatch.setattr(f"{module}._PAUSE_SECONDS", 0.2)
    folder = with_migration(tmp_path, "ALTER TABLE decisions ADD COLUMN branch text")
    async with postgres_store_at(own_migrated_url) as store, traffic(store) as seconds:
        async with connected(own_migrated_url) as reader, reader.transaction():
            await reader.fetch("SELECT count(*) FROM decisions")
            migrating = asyncio.create_task(migrate(own_migrated_url, migrations_dir=folder))
            await _until(seconds, len(seconds) + 50)
            assert not migrating.done()
        await migrating
    async with connected(own_migrated_url) as connection:
        assert await connection.fetchval("SELECT count(branch) FROM decisions") == 0


async def test_a_blocked_migration_says_so_and_can_be_repeated(
    own_migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "adapters.persistence.database.migrations"
    monkeypatch.setattr(f"{module}._LOCK_TIMEOUT", "SET LOCAL lock_timeout = '50ms'")
    monkeypatch.setattr(f"{module}._ATTEMPTS", 1)
    folder = with_migration(tmp_path, "ALTER TABLE decisions ADD COLUMN branch text")
    async with connected(own_migrated_url) as reader, reader.transaction():
        await reader.fetch("SELECT count(*) FROM decisions")
        with pytest.raises(MigrationBlocked, match="run `scoring migrate` again"):
            await migrate(own_migrated_url, migrations_dir=folder)
    assert await current_revision(own_migrated_url) == head_revision()
    await asyncio.gather(*(migrate(own_migrated_url, migrations_dir=folder) for _ in range(3)))
    assert await current_revision(own_migrated_url) == head_revision(folder)
