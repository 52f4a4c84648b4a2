"""PostgreSQL's client programs are found by version, and other users never see a password."""

import asyncio
from pathlib import Path

import pytest

from adapters.persistence.operations.client_programs import find_program, run_program, without_password
from application.ports.operations.database_dumps import DumpFailed

SECRET = r"p:a\ss/word"
URL = "postgresql://owner:p%3Aa%5Css%2Fword@db.example:5433/credit?sslmode=require"


def a_program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def test_an_address_is_separated_from_its_password() -> None:
    assert without_password(URL) == ("postgresql://owner@db.example:5433/credit?sslmode=require", SECRET)
    assert without_password("postgresql+asyncpg://owner@/credit?host=/run/pg&password=x%26y&port=1") == (
        "postgresql://owner@/credit?host=/run/pg&port=1",
        "x&y",
    )
    assert without_password("postgres://db/credit") == ("postgresql://db/credit", None)


async def test_the_password_is_neither_an_argument_nor_in_the_environment(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    program = a_program(
        tmp_path / "bin",
        "pg_dump",
        f'(echo "$@"; env) > {shown}; cp "$PGPASSFILE" {tmp_path}/pgpass\n'
        f'stat -c %a "$PGPASSFILE" > {tmp_path}/mode',
    )
    await run_program(program, ["--format=custom"], database_url=URL, on_line=lambda line: None)
    assert "--format=custom" in shown.read_text()
    assert not any(part in shown.read_text() for part in (SECRET, "p%3Aa%5Css%2Fword"))
    assert (tmp_path / "pgpass").read_text() == "*:*:*:*:p\\:a\\\\ss/word\n"
    assert (tmp_path / "mode").read_text() == "600\n"


async def test_a_failed_program_is_reported_with_its_own_error(tmp_path: Path) -> None:
    program = a_program(
        tmp_path, "pg_dump", 'echo "pg_dump: reading" >&2; echo "pg_dump: error: no space left" >&2; exit 1'
    )
    with pytest.raises(DumpFailed, match=r"status 1: pg_dump: error: no space left$"):
        await run_program(program, [], database_url=URL, on_line=lambda line: None)


async def test_a_cancelled_program_is_ended(tmp_path: Path) -> None:
    program = a_program(tmp_path, "pg_dump", f'echo $$ > {tmp_path}/pid; echo "started" >&2; exec sleep 60')
    started = asyncio.Event()
    running = asyncio.create_task(run_program(program, [], database_url=URL, on_line=lambda line: started.set()))
    await asyncio.wait_for(started.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not is_running((tmp_path / "pid").read_text())


def is_running(pid: str) -> bool:
    return Path(f"/proc/{pid.strip()}").exists()


def test_the_first_program_that_is_new_enough_is_used(tmp_path: Path) -> None:
    a_program(tmp_path / "old", "pg_dump", "echo 'pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'")
    new = a_program(tmp_path / "new", "pg_dump", "echo 'pg_dump (PostgreSQL) 18.6'")
    folders = [tmp_path / "none", tmp_path / "old", tmp_path / "new"]
    assert find_program("pg_dump", folders, server_version=18) == new
    assert find_program("pg_dump", folders, server_version=15) == tmp_path / "old" / "pg_dump"
    with pytest.raises(DumpFailed, match=r"19 or newer.*old/pg_dump is version 15.*SCORING_POSTGRES_PROGRAMS"):
        find_program("pg_dump", folders, server_version=19)
    with pytest.raises(DumpFailed, match="none was found"):
        find_program("pg_dump", [tmp_path], server_version=18)
