"""Migrations run up, down and up again, concurrently, and only when needed."""

import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from adapters.persistence.batches.batch_tables import metadata
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.database_dependency import DatabaseDependency, DatabaseNotMigrated
from adapters.persistence.database.migrations import (
    MIGRATIONS,
    MigrationsNotFound,
    current_revision,
    head_revision,
    migrate,
    roll_back,
)
from application.ports.operations.dependencies import DependencyUnavailable
from support.engines import database_at

REVISIONS = sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def shape(url: str) -> list[str]:
    """Everything in the database that a migration may have created, except Alembic's own table."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        """
        SELECT 'table ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS what
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT 'check ' || conname || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE contype = 'c' AND conrelid <> 0
        UNION ALL SELECT 'trigger ' || tgrelid::regclass || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'partition ' || relname || ' ' || pg_get_expr(relpartbound, oid) FROM pg_class
            WHERE relispartition AND relkind = 'r'
        UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        """
    )
    await connection.close()
    return sorted(row["what"] for row in rows if "alembic_version" not in row["what"])


async def differences(url: str) -> list[object]:
    """Differences between the migrated database and the table definitions, without partitions."""

    def no_partition(name: str, kind: str, _: object) -> bool:
        return kind != "table" or not name.startswith("decisions_")

    engine = database_engine(url)
    opts = {"compare_type": True, "include_name": no_partition}
    async with engine.connect() as connection:
        found: list[object] = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts=opts), metadata)
        )
    await engine.dispose()
    return found


async def test_every_migration_goes_up_down_and_up_again(database_url: str) -> None:
    nothing = await shape(database_url)
    shapes = [nothing]
    for revision in REVISIONS:
        await migrate(database_url, revision)
        assert await current_revision(database_url) == revision
        shapes.append(await shape(database_url))
    for revision, expected in zip(["base", *REVISIONS[:-1]][::-1], shapes[:-1][::-1], strict=True):
        await roll_back(database_url, revision)
        assert await shape(database_url) == expected
    assert await current_revision(database_url) is None
    await migrate(database_url)
    assert await shape(database_url) == shapes[-1]


@pytest.mark.filterwarnings("ignore:Can't validate argument 'dialect_options'")  # of NOT VALID
async def test_the_migrated_database_matches_the_table_definitions(database_url: str) -> None:
    await migrate(database_url)
    assert await differences(database_url) == []


@pytest.mark.filterwarnings("ignore:Can't validate argument 'dialect_options'")  # of NOT VALID
async def test_the_comparison_detects_a_difference(database_url: str) -> None:
    await migrate(database_url)
    connection = await asyncpg.connect(database_url)
    await connection.execute("ALTER TABLE users ADD COLUMN surprise text; DROP INDEX decisions_listed")
    await connection.close()
    assert len(await differences(database_url)) == 2


async def test_concurrent_migrations_wait_for_each_other(database_url: str) -> None:
    await asyncio.gather(*(migrate(database_url) for _ in range(5)))
    assert await current_revision(database_url) == head_revision()


async def test_the_head_agrees_with_alembic() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [head_revision()] == [REVISIONS[-1]]
    assert [script.revision for script in scripts.walk_revisions()] == REVISIONS[::-1]


async def test_a_failing_migration_is_rolled_back(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    (tmp_path / "versions" / "0001_half.py").write_text(
        "from alembic import op\n"
        "revision, down_revision = '0001', None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE half (made text)')\n"
        "    op.execute('SELECT 1 / 0')\n"
    )
    with pytest.raises(Exception, match="division by zero"):
        await migrate(database_url, migrations_dir=tmp_path)
    assert await shape(database_url) == []
    assert await current_revision(database_url) is None


async def test_a_missing_migrations_folder_is_reported(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(MigrationsNotFound, match=str(tmp_path)):
        await migrate(database_url, migrations_dir=tmp_path)


def test_alembic_is_not_imported_when_there_is_nothing_to_do(migrated_url: str) -> None:
    program = (
        "import asyncio, sys, time\n"
        "from adapters.persistence.database.migrations import migrate\n"
        "asyncio.run(migrate(sys.argv[1]))\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] in ('alembic', 'mako')]\n"
    )
    subprocess.run([sys.executable, "-c", program, migrated_url], check=True, timeout=60)


class TestTheDatabaseAsADependency:
    async def test_is_healthy_when_migrated(self, migrated_url: str) -> None:
        await self.check(migrated_url)

    async def test_reports_an_empty_database(self, database_url: str) -> None:
        with pytest.raises(DatabaseNotMigrated, match=f"revision None, this version needs {head_revision()}"):
            await self.check(database_url)

    @pytest.mark.parametrize("revision", ["0000", "something else"])
    async def test_reports_missing_migrations(self, database_url: str, revision: str) -> None:
        await self.claim(database_url, revision)
        with pytest.raises(DatabaseNotMigrated, match=revision):
            await self.check(database_url)

    async def test_accepts_a_newer_database_during_a_rolling_release(self, database_url: str) -> None:
        await self.claim(database_url, "9999")
        await self.check(database_url)
        await migrate(database_url)  # as the start of an older version would
        assert await current_revision(database_url) == "9999"

    async def claim(self, url: str, revision: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE alembic_version (version_num varchar(32))")
        await connection.execute("INSERT INTO alembic_version VALUES ($1)", revision)
        await connection.close()

    async def check(self, url: str) -> None:
        engine = database_engine(url)
        dependency = DatabaseDependency(engine)
        assert dependency.name == "database"
        try:
            await dependency.check()
        finally:
            await engine.dispose()


async def test_an_unusable_database_has_a_clear_error(postgres_url: str) -> None:
    for url in ("postgresql://scoring@127.0.0.1:1/scoring", database_at(postgres_url, "of_others")):
        with pytest.raises(DependencyUnavailable, match="the database cannot be used"):
            await migrate(url)
