"""Verify an archived month from its files alone, and against the database."""

from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from application.ports.audit.signatures import Signatures
from application.ports.decisions.month_archives import ArchiveUnreadable, ChainRange, MonthArchives, MonthFiles
from application.ports.operations.sealed_folders import FolderDamaged, SealedFolders
from application.use_cases.decisions.month_manifest import KIND, MonthManifest
from domain.audit.checkpoint import CheckpointVerifier
from domain.audit.checkpoint_expectations import CheckpointExpectations
from domain.audit.entry import ChainVerifier, IntegrityViolation

MAX_LISTED = 100
"""Further faults are counted but not listed."""


class ArchiveVerification:
    """What was verified, and the first `MAX_LISTED` faults. `key` (hexadecimal) signed the last checkpoint."""

    def __init__(self, manifest: MonthManifest, *, against_database: bool) -> None:
        self.manifest = manifest
        self.against_database = against_database
        self.key = ""
        self.faults: list[str] = []
        self.fault_count = 0

    def add(self, fault: str | IntegrityViolation | None) -> None:
        """Add a fault, if there is one."""
        if fault:
            self.fault_count += 1
            if len(self.faults) < MAX_LISTED:
                text = fault if isinstance(fault, str) else f"{fault.place}: {fault.why}"
                self.faults.append(text)


@dataclass(frozen=True, slots=True)
class VerifyMonthArchive:
    """Checks that an archive is as it was written, and that the audit trail proves every decision in it.

    Every decision must have an entry with its digest, entries must be linked, and each chain must end in an entry
    that a signed checkpoint states. `trusted` is as for `VerifyAuditTrail`.
    """

    folders: SealedFolders
    files: MonthFiles
    signatures: Signatures
    trusted: Collection[bytes] = ()
    archives: MonthArchives | None = None
    """The database; None where there is none."""

    async def __call__(self, folder: Path, *, against_database: bool = False) -> ArchiveVerification:
        """Verify. Raises FolderDamaged for files that differ from the manifest, and ArchiveUnreadable.

        With `against_database`, every archived entry must be on the trail, and every entry of the month's
        decisions in the archive.
        """
        try:
            manifest = MonthManifest.read(self.folders.verified(folder, KIND))
        except ValueError as fault:
            raise FolderDamaged(folder, [str(fault)]) from fault
        found = ArchiveVerification(manifest, against_database=against_database and self.archives is not None)
        try:
            self._check_files(folder, found)
        except ArchiveUnreadable as fault:
            raise FolderDamaged(folder, [str(fault)]) from fault
        if against_database and self.archives is not None:
            async for difference in self._differences(folder, manifest, self.archives):
                found.add(difference)
        return found

    def _check_files(self, folder: Path, found: ArchiveVerification) -> None:
        manifest, contents = found.manifest, found.manifest.contents
        checkpoints = CheckpointVerifier(self.signatures.verify, self.trusted, excerpt=True)
        ranges = {chain.chain: chain for chain in contents.chains}
        expectations, ends = CheckpointExpectations(), {chain.chain: chain.last for chain in contents.chains}
        for signed in self.files.checkpoints(folder):
            if violation := checkpoints.check(signed):
                found.add(violation)
                continue
            heads = tuple(head for head in signed.checkpoint.heads if _within(ranges, head.chain, head.length))
            expectations.add(replace(signed.checkpoint, heads=heads))
            for head in heads:
                if ends.get(head.chain) == head.length:
                    del ends[head.chain]
        found.key = checkpoints.key.hex() if checkpoints.key else ""
        for chain, last in ends.items():
            found.add(f"no verified checkpoint states entry {last} of chain {chain}")
        chains, decisions = ChainVerifier(excerpt=manifest.month), 0
        for entry, document in self.files.entries(folder):
            found.add(chains.check(entry, document))
            found.add(expectations.check(entry))
            decisions += document is not None
            if not _within(ranges, entry.chain, entry.sequence):
                found.add(f"entry {entry.sequence} of chain {entry.chain} is not in the manifest")
        for violation in expectations.missing():
            found.add(violation)
        for name, stated, here in (
            ("decisions", contents.decisions, decisions),
            ("audit entries", contents.entries, chains.entries),
            ("checkpoints", contents.checkpoints, checkpoints.count),
        ):
            if stated != here:
                found.add(f"the manifest states {stated:,} {name}, the files have {here:,}")

    async def _differences(
        self, folder: Path, manifest: MonthManifest, archives: MonthArchives
    ) -> AsyncIterator[str]:
        recorded = archives.recorded_entries(manifest.contents.chains)
        archived: Iterator[tuple[object, bytes | None]] = self.files.entries(folder)
        async for entry in recorded:
            here = next(archived, (None, None))[0]
            if here != entry:
                yield f"entry {entry.sequence} of chain {entry.chain} in the database differs from the archive"
                return
        if next(archived, None) is not None:
            yield "the database has fewer of these audit entries than the archive"
        count = await archives.recorded_decisions(manifest.month)
        if count != manifest.contents.decisions:
            yield (
                f"the audit trail has {count:,} decisions of {manifest.month}, the archive has "
                f"{manifest.contents.decisions:,}"
            )


def _within(ranges: dict[UUID, ChainRange], chain: UUID, sequence: int) -> bool:
    found = ranges.get(chain)
    return found is not None and found.first <= sequence <= found.last
