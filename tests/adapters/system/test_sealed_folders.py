"""A backup or archive folder is complete or absent, and every change to it is found."""

import json
import stat
from pathlib import Path

import pytest

from adapters.system.sealed_folders import LocalSealedFolders
from application.ports.operations.sealed_folders import FolderDamaged, FolderExists, FolderNotWritable

FOLDERS = LocalSealedFolders()


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    with FOLDERS.draft(tmp_path / "sealed", "backup") as draft:
        (draft.path / "model").mkdir()
        (draft.path / "model" / "trees.txt").write_text("trees")
        (draft.path / "dump").write_text("rows")
        draft.seal({"schema": 1})
    return tmp_path / "sealed"


def test_a_sealed_folder_is_private_and_verifies(sealed: Path) -> None:
    assert FOLDERS.verified(sealed, "backup")["schema"] == 1
    modes = {stat.S_IMODE(place.stat().st_mode) for place in [sealed, *sealed.rglob("*")]}
    assert modes == {0o700, 0o600}
    assert [place.name for place in sealed.parent.iterdir()] == ["sealed"]


def test_every_fault_is_named(sealed: Path) -> None:
    (sealed / "dump").write_text("raws")
    (sealed / "model" / "trees.txt").unlink()
    (sealed / "more").touch()
    with pytest.raises(FolderDamaged) as damaged:
        FOLDERS.verified(sealed, "backup")
    assert damaged.value.faults == (
        "dump was changed: its SHA-256 differs",
        "model/trees.txt is missing",
        "more is not in the manifest",
    )


def test_a_shortened_file_is_found(sealed: Path) -> None:
    (sealed / "dump").write_text("row")
    with pytest.raises(FolderDamaged, match="3 bytes instead of 4"):
        FOLDERS.verified(sealed, "backup")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"kind": "backup"}', '{"kind": "backup", "files": []}', "\xff"]
)
def test_a_manifest_that_is_none_is_reported(sealed: Path, content: str) -> None:
    (sealed / "manifest.json").write_text(content, encoding="latin-1")
    with pytest.raises(FolderDamaged, match=r"manifest\.json is not a manifest"):
        FOLDERS.verified(sealed, "backup")


def test_a_folder_of_another_kind_or_none_is_refused(sealed: Path, tmp_path: Path) -> None:
    with pytest.raises(FolderDamaged, match="it is not a month"):
        FOLDERS.verified(sealed, "month")
    with pytest.raises(FolderDamaged, match=r"there is no manifest\.json"):
        FOLDERS.verified(tmp_path / "nothing", "backup")


def test_a_manifest_cannot_name_files_elsewhere(sealed: Path) -> None:
    manifest = json.loads((sealed / "manifest.json").read_text())
    manifest["files"]["../secret"] = {"bytes": 1, "sha256": ""}
    (sealed / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(FolderDamaged, match=r"\.\./secret is outside the folder"):
        FOLDERS.verified(sealed, "backup")


def test_a_failed_draft_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with FOLDERS.draft(tmp_path / "sealed", "backup") as draft:
            (draft.path / "dump").write_text("rows")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_never_replaced(sealed: Path) -> None:
    with pytest.raises(FolderExists, match="exists already"), FOLDERS.draft(sealed, "backup"):
        pass
    with FOLDERS.draft(sealed.parent / "raced", "backup") as draft:
        (sealed.parent / "raced").mkdir()
        with pytest.raises(FolderExists, match="another program"):
            draft.seal({})
    with (
        pytest.raises(FolderNotWritable, match=r"/no does not exist"),
        FOLDERS.draft(sealed / "no" / "parent", "backup"),
    ):
        pass
    assert FOLDERS.verified(sealed, "backup")["schema"] == 1
