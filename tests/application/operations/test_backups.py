"""Backups of other releases, damaged manifests, and what a restore compares."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.security.audit_signing import Ed25519Signatures
from adapters.system.sealed_folders import LocalSealedFolders
from application.ports.operations.database_dumps import DatabaseDumps, Progress, RecordedState
from application.ports.operations.sealed_folders import FolderDamaged
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from application.use_cases.operations.backup_manifest import BackupManifest, NeededKey, differences, missing_keys
from application.use_cases.operations.create_backup import CreateBackup
from application.use_cases.operations.restore_backup import BackupTooNew, RestoreBackup, VerifyBackup
from domain.access.user import Actor, Role
from support.memory.checkpoints import MemoryCheckpoints
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
STATE = RecordedState("0013", {"decisions": 2, "users": 1}, "", ("ab" * 32,))
KEY = NeededKey("secret key", "12ab", "SCORING_SECRET_KEY")
FOLDERS = LocalSealedFolders()
AUDITOR = Actor("os:ada", Role.AUDITOR)


@dataclass
class MemoryDumps(DatabaseDumps):
    """A database that only has a state."""

    recorded: RecordedState | None = None
    restored: list[str] = field(default_factory=list)

    async def dump(self, file: Path, progress: Progress) -> RecordedState:
        _write_rows(file)
        assert self.recorded is not None
        return self.recorded

    async def check_empty(self) -> None:
        assert not self.restored

    async def restore(self, file: Path, progress: Progress) -> None:
        self.restored.append(_rows(file))

    async def state(self) -> RecordedState:
        assert self.recorded is not None
        return self.recorded


def _write_rows(file: Path) -> None:
    file.write_text("rows")


def _rows(file: Path) -> str:
    return file.read_text()


def ignore(share: float, text: str) -> None:
    """Progress is not shown."""


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    create = CreateBackup(
        folders=FOLDERS,
        dumps=MemoryDumps(STATE),
        model_files=lambda: ("fingerprint", {"trees.txt": b"trees"}),
        keys=(KEY,),
        release="0.2.0",
        clock=FixedClock(AT),
    )
    manifest = await create(tmp_path / "backup", ignore)
    assert VerifyBackup(FOLDERS)(tmp_path / "backup") == manifest
    assert manifest == BackupManifest(AT, "0.2.0", STATE, "fingerprint", (KEY,))
    assert (tmp_path / "backup" / "model" / "trees.txt").read_bytes() == b"trees"
    return tmp_path / "backup"


def restore_with(dumps: MemoryDumps, head: str, *keys: NeededKey) -> RestoreBackup:
    async def prepare() -> None:
        """Nothing to migrate."""

    trail = MemoryDecisions()
    verify = VerifyAuditTrail(trail, MemoryCheckpoints(trail), Ed25519Signatures())
    return RestoreBackup(VerifyBackup(FOLDERS), dumps, prepare, verify, keys, head)


async def test_a_restore_reports_what_differs_and_which_key_is_missing(backup: Path) -> None:
    dumps = MemoryDumps(replace(STATE, counts={"decisions": 1, "users": 1}))
    restored = await restore_with(dumps, "0013")(backup, by=AUDITOR, progress=ignore)
    assert dumps.restored == ["rows"]
    assert restored.differences == ("decisions: 2 in the backup, 1 here",)
    assert restored.missing_keys == (KEY,)
    assert not restored.intact
    same = await restore_with(MemoryDumps(STATE), "0013", KEY)(backup, by=AUDITOR, progress=ignore)
    assert (same.intact, same.missing_keys) == (True, ())


async def test_a_backup_of_a_later_release_is_not_restored(backup: Path) -> None:
    dumps = MemoryDumps(STATE)
    with pytest.raises(BackupTooNew, match=r"schema 0013 of release 0\.2\.0.*schemas up to 0012"):
        await restore_with(dumps, "0012")(backup, by=AUDITOR, progress=ignore)
    assert dumps.restored == []


@pytest.mark.parametrize(
    ("part", "value", "fault"),
    [
        ("schema", 2, "schema 2, which this release cannot read"),
        ("database", {}, "its manifest cannot be read"),
        ("keys", [{"purpose": "x"}], "its manifest cannot be read"),
        ("at", "yesterday", "Invalid isoformat"),
        (
            "database",
            {"revision": "1", "counts": {}, "last_checkpoint": "{", "signed_with": []},
            "newest checkpoint",
        ),
    ],
)
def test_a_manifest_that_cannot_be_read_is_reported(backup: Path, part: str, value: object, fault: str) -> None:
    content = json.loads((backup / "manifest.json").read_text())
    (backup / "manifest.json").write_text(json.dumps({**content, part: value}))
    with pytest.raises(FolderDamaged, match=fault):
        VerifyBackup(FOLDERS)(backup)


def test_every_difference_is_named() -> None:
    found = list(differences(STATE, RecordedState("0012", {"decisions": 2, "batches": 3}, "{}", ())))
    assert found == [
        "schema revision: 0013 in the backup, 0012 here",
        "batches: 0 in the backup, 3 here",
        "users: 1 in the backup, 0 here",
        "the newest checkpoint differs from that in the backup",
    ]


def test_a_key_is_identified_by_its_fingerprint_wherever_it_is() -> None:
    elsewhere = replace(KEY, place="secrets/token-signing.key")
    assert missing_keys([KEY], [elsewhere]) == []
    assert missing_keys([KEY], [replace(KEY, fingerprint="other")]) == [KEY]
