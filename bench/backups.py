"""Backup, restore and archive of a database with many decisions."""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl

from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.month_archive.month_archives import PostgresMonthArchives
from adapters.persistence.decisions.month_archive.parquet_files import ParquetMonthFiles
from adapters.security.audit_signing import Ed25519Signatures
from adapters.system.sealed_folders import LocalSealedFolders
from application.ports.operations.clock import Clock
from application.use_cases.decisions.archive_month import ArchiveMonth
from application.use_cases.decisions.verify_month_archive import VerifyMonthArchive
from bench.applications import forms
from bench.report import print_figure, print_line
from domain.access.user import Actor, Role
from domain.month import Month
from entrypoints.composition.processes.archives import ArchiveUseCases, run_archive_use_case
from harness.running_service import SCORING, Service, clean_environment

DECISIONS = 100_000
_OPERATOR = Actor("os:bench", Role.ADMIN)
T = TypeVar("T")


@dataclass(frozen=True)
class _NextMonth(Clock):
    """A clock that is ahead, so that the current month can be archived."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(days=32)


def backups() -> None:
    """Record decisions, and measure what `docs/backup.md` states."""
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as name:
        folder = Path(name)
        service = Service(folder / "data", without=("ui", "worker"), SCORING_LOG_LEVEL="warning")
        try:
            _record(service, folder)
            _measure_backup(service, folder)
            _measure_archive(service, folder / "archive")
        finally:
            service.close()


def _record(service: Service, folder: Path) -> None:
    loans = pl.DataFrame(forms(1000))
    pl.concat([loans] * (DECISIONS // len(loans))).write_csv(folder / "loans.csv")
    print_line(f"recording {DECISIONS:,} decisions ...")
    command = [*SCORING, "score", str(folder / "loans.csv"), "--out", str(folder / "results.parquet")]
    subprocess.run(command, env=service.environment, check=True, capture_output=True)  # noqa: S603 - a fixed command
    _scoring(service.environment, "audit", "checkpoint")


def _measure_backup(service: Service, folder: Path) -> None:
    backup, restored = folder / "backup", folder / "restored"
    _timed("scoring backup", lambda: _scoring(service.environment, "backup", str(backup)))
    size = sum(file.stat().st_size for file in backup.rglob("*") if file.is_file())
    print_figure("  size of the backup", f"{size / 1e6:.0f} MB")
    _timed("scoring backup verify", lambda: _scoring(service.environment, "backup", "verify", str(backup)))
    shutil.copytree(folder / "data" / "secrets", restored / "secrets")
    machine = clean_environment(SCORING_DATA_DIR=str(restored))
    _timed("scoring restore, with verification", lambda: _scoring(machine, "restore", str(backup)))


def _measure_archive(service: Service, folder: Path) -> None:
    month = Month.of(datetime.now(UTC))

    def ignore(share: float, text: str) -> None:
        del share, text

    def use(action: Callable[[ArchiveUseCases], Awaitable[T]]) -> T:
        return run_archive_use_case(service.settings, action)

    async def archive() -> None:
        engine = database_engine(service.database_url, command_timeout=None)
        folders, archives = LocalSealedFolders(), PostgresMonthArchives(engine)
        verify = VerifyMonthArchive(folders, ParquetMonthFiles(), Ed25519Signatures(), archives=archives)
        await ArchiveMonth(folders, archives, verify, _NextMonth(), "0")(month, folder, ignore)
        await engine.dispose()

    _timed("archive of the month, with verification", lambda: asyncio.run(archive()))
    size = sum(file.stat().st_size for file in folder.iterdir())
    print_figure("  size of the archive", f"{size / 1e6:.0f} MB")
    _timed(
        "archive verify, without the database",
        lambda: _scoring(service.environment, "archive", "verify", str(folder)),
    )
    _timed("archive drop, with verification", lambda: use(lambda use_cases: use_cases.drop(folder, by=_OPERATOR)))
    _timed(
        "archive restore, with verification",
        lambda: use(lambda use_cases: use_cases.restore(folder, by=_OPERATOR, progress=ignore)),
    )


def _scoring(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([*SCORING, *arguments], env=environment, check=True, capture_output=True)  # noqa: S603 - a fixed command


def _timed(name: str, step: Callable[[], object]) -> None:
    began = time.perf_counter()
    step()
    print_figure(name, f"{time.perf_counter() - began:.1f} s")
