"""Verify a backup, and restore it into an empty database."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from application.operational_error import OperationalError
from application.ports.operations.database_dumps import DatabaseDumps, Progress
from application.ports.operations.sealed_folders import FolderDamaged, SealedFolders
from application.use_cases.audit.verification_result import Verification
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from application.use_cases.operations.backup_manifest import (
    DUMP,
    KIND,
    BackupManifest,
    NeededKey,
    differences,
    missing_keys,
)
from domain.access.user import Actor
from domain.audit.checkpoint_copy import CheckpointCopy, InvalidCheckpointCopy


class BackupTooNew(OperationalError):
    """The backup was made by a later release, whose schema this release does not know."""


@dataclass(frozen=True, slots=True)
class VerifyBackup:
    """Compares every file of a backup with its digest."""

    folders: SealedFolders

    def __call__(self, folder: Path) -> BackupManifest:
        """The manifest. Raises FolderDamaged."""
        content = self.folders.verified(folder, KIND)
        try:
            manifest = BackupManifest.read(content)
            _checkpoint_copies(manifest)
        except ValueError as fault:
            raise FolderDamaged(folder, [str(fault)]) from fault
        return manifest


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    """A restored database compared with its backup. `missing_keys` are those that are not configured here."""

    manifest: BackupManifest
    differences: tuple[str, ...]
    verification: Verification
    missing_keys: tuple[NeededKey, ...]

    @property
    def intact(self) -> bool:
        """Whether the counts and the audit trail are those of the backup."""
        return not self.differences and not self.verification.violations


@dataclass(frozen=True, slots=True)
class RestoreBackup:
    """Restores a backup into an empty database and verifies the result by counts and by the audit trail."""

    verify_backup: VerifyBackup
    dumps: DatabaseDumps
    prepare: Callable[[], Awaitable[None]]
    """Migrates the restored database, and creates the service's roles with their privileges."""
    verify_audit_trail: VerifyAuditTrail
    keys: Sequence[NeededKey]
    head: str
    """The schema revision of this release."""

    async def __call__(self, folder: Path, *, by: Actor, progress: Progress) -> RestoredBackup:
        """Restore. Raises FolderDamaged, BackupTooNew, DatabaseNotEmpty and DumpFailed; nothing is restored then.

        The copy of the newest checkpoint in the manifest must be on the restored trail.
        """
        manifest = self.verify_backup(folder)
        if manifest.state.revision > self.head:
            raise BackupTooNew(
                f"the backup has schema {manifest.state.revision} of release {manifest.release}; this release "
                f"knows schemas up to {self.head}: restore it with release {manifest.release} or a later one"
            )
        await self.dumps.check_empty()
        await self.dumps.restore(folder / DUMP, progress)
        found = tuple(differences(manifest.state, await self.dumps.state()))
        await self.prepare()
        verification = await self.verify_audit_trail(by=by, copies=_checkpoint_copies(manifest))
        return RestoredBackup(manifest, found, verification, tuple(missing_keys(manifest.keys, self.keys)))


def _checkpoint_copies(manifest: BackupManifest) -> list[CheckpointCopy]:
    line = manifest.state.last_checkpoint
    try:
        return [CheckpointCopy.read(line)] if line else []
    except InvalidCheckpointCopy as fault:
        raise ValueError(f"the newest checkpoint in its manifest cannot be read: {fault}") from fault
