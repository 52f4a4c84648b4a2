"""Archive a month of decisions, remove it from the database, and put it back."""

from dataclasses import dataclass
from pathlib import Path

from application.ports.decisions.month_archives import MonthArchives, MonthNotArchivable
from application.ports.operations.clock import Clock
from application.ports.operations.database_dumps import Progress
from application.ports.operations.sealed_folders import FolderDamaged, FolderNotWritable, SealedFolders
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.decisions.month_manifest import KIND, MonthManifest
from application.use_cases.decisions.verify_month_archive import ArchiveVerification, VerifyMonthArchive
from domain.access.user import Actor
from domain.audit.event import Detail, EventKind
from domain.month import Month


@dataclass(frozen=True, slots=True)
class ArchiveMonth:
    """Copies a month into a new folder and verifies the copy there. The database is not changed."""

    folders: SealedFolders
    archives: MonthArchives
    verify: VerifyMonthArchive
    clock: Clock
    release: str
    record: RecordEvent | None = None

    async def __call__(self, month: Month, folder: Path, progress: Progress, *, by: Actor) -> ArchiveVerification:
        """Archive, after the export was recorded.

        Raises MonthNotArchivable, FolderExists and FolderNotWritable.
        """
        now = self.clock.now()
        if month >= Month.of(now):
            raise MonthNotArchivable(f"{month} has not ended: archive months before {Month.of(now)}")
        if self.record:
            details = {"month": str(month), "archive": folder.name}
            await self.record(EventKind.MONTH_COPIED, by=by, details=details)
        with self.folders.draft(folder, KIND) as draft:
            try:
                contents = await self.archives.export(month, draft.path, progress)
            except OSError as fault:
                raise FolderNotWritable(f"{folder} cannot be written: {fault.strerror}") from fault
            draft.seal(MonthManifest(month, now, self.release, contents).content())
        return await self.verify(folder, against_database=True)


@dataclass(frozen=True, slots=True)
class DropArchivedMonth:
    """Removes a month from the database after its archive was verified against it."""

    archives: MonthArchives
    verify: VerifyMonthArchive
    new_event: EventFactory

    async def __call__(self, folder: Path, *, by: Actor) -> ArchiveVerification:
        """Drop the month. Raises FolderDamaged if the archive is not verified, and MonthNotArchivable."""
        found = await _verified(self.verify, folder)
        month, decisions = found.manifest.month, found.manifest.contents.decisions
        details: dict[str, Detail] = {"month": str(month), "decisions": decisions, "archive": folder.name}
        await self.archives.drop(month, decisions, self.new_event(EventKind.MONTH_ARCHIVED, by.name, details))
        return found


@dataclass(frozen=True, slots=True)
class RestoreMonth:
    """Puts an archived month back into the database after it was verified against it."""

    archives: MonthArchives
    verify: VerifyMonthArchive
    new_event: EventFactory

    async def __call__(self, folder: Path, *, by: Actor, progress: Progress) -> ArchiveVerification:
        """Restore. Raises FolderDamaged if the archive is not verified, and MonthNotArchivable."""
        found = await _verified(self.verify, folder)
        month, decisions = found.manifest.month, found.manifest.contents.decisions
        details: dict[str, Detail] = {"month": str(month), "decisions": decisions, "archive": folder.name}
        event = self.new_event(EventKind.MONTH_RESTORED, by.name, details)
        await self.archives.restore(month, folder, decisions, event, progress)
        return found


async def _verified(verify: VerifyMonthArchive, folder: Path) -> ArchiveVerification:
    found = await verify(folder, against_database=True)
    if found.fault_count:
        raise FolderDamaged(folder, found.faults)
    return found
