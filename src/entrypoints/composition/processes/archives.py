"""Archived months: the use cases over production adapters."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from adapters.persistence.decisions.month_archive.month_archives import PostgresMonthArchives
from adapters.persistence.decisions.month_archive.parquet_files import ParquetMonthFiles
from adapters.security.audit_signing import Ed25519Signatures
from adapters.system.sealed_folders import LocalSealedFolders
from application.use_cases.decisions.archive_month import ArchiveMonth, DropArchivedMonth, RestoreMonth
from application.use_cases.decisions.verify_month_archive import ArchiveVerification, VerifyMonthArchive
from entrypoints.composition.observability import VERSION
from entrypoints.composition.processes.commands import CommandContainer, command_container, identify_person
from entrypoints.composition.processes.engines import engines_in_use_or_own
from entrypoints.composition.secrets import trusted_keys
from entrypoints.composition.security_events import recorded_export
from entrypoints.configuration.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ArchiveUseCases:
    """What `scoring archive` can do."""

    archive: ArchiveMonth
    verify: VerifyMonthArchive
    drop: DropArchivedMonth
    restore: RestoreMonth


def run_archive_use_case(
    settings: Settings, action: Callable[[ArchiveUseCases], Awaitable[T]], *, keys: tuple[bytes, ...] = ()
) -> T:
    """Run an action on the database of the settings, or on the embedded one; `keys` as for `verify_archive`."""

    async def run(addressed: Settings) -> T:
        async with command_container(addressed, statement_timeout=None) as container:
            await container.database().check()
            await identify_person(container)
            return await action(_use_cases(container, keys or trusted_keys(settings)))

    with engines_in_use_or_own(settings, cache=False) as addressed:
        return asyncio.run(run(addressed))


def verify_archive(settings: Settings, folder: Path, *, keys: tuple[bytes, ...] = ()) -> ArchiveVerification:
    """Verify an archive without a database. `keys`, where given, replace the service's own."""
    trusted = keys or trusted_keys(settings)
    verify = VerifyMonthArchive(LocalSealedFolders(), ParquetMonthFiles(), Ed25519Signatures(), trusted)
    return asyncio.run(verify(folder))


def _use_cases(container: CommandContainer, trusted: tuple[bytes, ...]) -> ArchiveUseCases:
    archives, folders = PostgresMonthArchives(container.engine(), container.event_chain()), LocalSealedFolders()
    verify = VerifyMonthArchive(folders, ParquetMonthFiles(), Ed25519Signatures(), trusted, archives)
    archive = ArchiveMonth(folders, archives, verify, container.clock(), VERSION, container.record_event())
    return ArchiveUseCases(
        archive=recorded_export(archive, container.security_events()),
        verify=verify,
        drop=DropArchivedMonth(archives, verify, container.new_event()),
        restore=RestoreMonth(archives, verify, container.new_event()),
    )
