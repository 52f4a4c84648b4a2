"""Back up the database and the model bundle."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from application.ports.operations.clock import Clock
from application.ports.operations.database_dumps import DatabaseDumps, Progress
from application.ports.operations.sealed_folders import FolderNotWritable, SealedFolders
from application.use_cases.operations.backup_manifest import DUMP, KIND, MODEL, BackupManifest, NeededKey


@dataclass(frozen=True, slots=True)
class CreateBackup:
    """Writes a backup that is either complete or absent. It never contains a key."""

    folders: SealedFolders
    dumps: DatabaseDumps
    model_files: Callable[[], tuple[str, Mapping[str, bytes]]]
    """Returns the fingerprint and the files of the model bundle in the settings."""
    keys: Sequence[NeededKey]
    release: str
    clock: Clock

    async def __call__(self, folder: Path, progress: Progress) -> BackupManifest:
        """Back up into a new folder. Raises FolderExists, FolderNotWritable and DumpFailed."""
        at = self.clock.now()
        fingerprint, files = self.model_files()
        with self.folders.draft(folder, KIND) as draft:
            _write(draft.path / MODEL, files)
            state = await self.dumps.dump(draft.path / DUMP, progress)
            manifest = BackupManifest(at, self.release, state, fingerprint, tuple(self.keys))
            draft.seal(manifest.content())
        return manifest


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as fault:
        raise FolderNotWritable(f"{folder} cannot be written: {fault.strerror}") from fault
